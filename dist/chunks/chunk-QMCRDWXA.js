import{createRequire as mayflyRequire}from'node:module';const require=mayflyRequire(import.meta.url);
import{a as o}from"./chunk-HELUG43E.js";function p(t){let r=(t[0]??[]).map((e,n)=>Math.max(...t.map(a=>a[n]?.length??0)));return t.map(e=>e.map((n,a)=>n.padEnd(r[a]??0)).join("  ").trimEnd())}o(p,"drawTable");function d(t,r){let e=Math.max(...r.map(([n])=>n.length));return{lines:[t,...r.map(([n,a])=>`  ${n.toLowerCase().padEnd(e)}  ${a}`)],summary:[`### ${t}
`,"| | |","| --- | --- |",...r.map(([n,a])=>`| ${n} | ${a.replaceAll("|","\\|")} |`),""].join(`
`)}}o(d,"writeFacts");export{p as a,d as b};
