import{createRequire as mayflyRequire}from'node:module';const require=mayflyRequire(import.meta.url);
import{a as l}from"./chunk-HELUG43E.js";function i(n){let t=(n[0]??[]).map((a,r)=>Math.max(...n.map(e=>e[r]?.length??0)));return n.map(a=>a.map((r,e)=>r.padEnd(t[e]??0)).join("  ").trimEnd())}l(i,"drawTable");function o(n,t){let a=l(r=>`| ${r.map(e=>e.replaceAll("|","\\|").replaceAll(`
`," ")).join(" | ")} |`,"line");return[a(n),a(n.map(()=>"---")),...t.map(a)].join(`
`)}l(o,"writeTable");function p(n,t){let a=Math.max(...t.map(([r])=>r.length));return{lines:[n,...t.map(([r,e])=>`  ${r.toLowerCase().padEnd(a)}  ${e}`)],summary:`### ${n}

${o(["",""],t)}
`}}l(p,"writeFacts");export{i as a,o as b,p as c};
