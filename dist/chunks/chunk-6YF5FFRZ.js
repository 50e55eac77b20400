import{createRequire as mayflyRequire}from'node:module';const require=mayflyRequire(import.meta.url);
import{h as d}from"./chunk-KHGTD5GM.js";import{h as p}from"./chunk-MSD6HHRC.js";import{a as i}from"./chunk-HELUG43E.js";async function m(n,e,s){try{for(let t of f(n.fields,e))e.mask(t);let r=d(n.fields,{given:e.given(),spell:i(t=>e.spell(t),"spell"),env:i(t=>e.env(t),"env"),findMisplaced:i(t=>e.findMisplaced?.(t),"findMisplaced")}),o={world:s(e),context:e.context,log:e.log,signal:e.signal,spell:i(t=>e.spell(t),"spell"),saveState:i((t,a)=>e.saveState(t,a),"saveState"),setOutput:i((t,a)=>e.setOutput(t,a),"setOutput")},l=await n.plan(r,o);if(u(r))return e.report(c(l));e.report(n.report(await n.run(l,o),l))}catch(r){e.fail(r,p(r))}}i(m,"run");function u(n){return"dryRun"in n&&n.dryRun===!0}i(u,"isDryRun");function c(n){let e=JSON.stringify(n,null,2);return{exitCode:0,outputs:{plan:JSON.stringify(n)},lines:["Plan (nothing has been changed):",e],summary:`### Plan

Nothing has been changed.

\`\`\`json
${e}
\`\`\`
`,json:n}}i(c,"reportPlan");function*f(n,e){for(let[s,r]of Object.entries(e.given()))n[s]?.secret&&(yield*typeof r=="string"?[r]:r);for(let{secret:s,env:r=[]}of Object.values(n))s&&(yield*r.flatMap(o=>e.env(o)||[]))}i(f,"readSecrets");export{m as a};
