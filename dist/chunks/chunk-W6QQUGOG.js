import{createRequire as mayflyRequire}from'node:module';const require=mayflyRequire(import.meta.url);
import{a as n}from"./chunk-HELUG43E.js";var u={baseMs:500,capMs:3e4,budgetMs:3e5};function d(e,{tries:s,elapsedMs:t},a){let o=Math.min(e.capMs,e.baseMs*2**(s-1)),r=a()*o;return t+r<=e.budgetMs?r:void 0}n(d,"planPause");export{u as a,d as b};
