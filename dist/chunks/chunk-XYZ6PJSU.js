import{createRequire as mayflyRequire}from'node:module';const require=mayflyRequire(import.meta.url);
import{a as r}from"./chunk-HELUG43E.js";function i(n){let e=(n[0]??[]).map((d,a)=>Math.max(...n.map(t=>t[a]?.length??0)));return n.map(d=>d.map((a,t)=>a.padEnd(e[t]??0)).join("  ").trimEnd())}r(i,"drawTable");export{i as a};
