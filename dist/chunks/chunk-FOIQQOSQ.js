import{createRequire as mayflyRequire}from'node:module';const require=mayflyRequire(import.meta.url);
import{a as o}from"./chunk-HELUG43E.js";function i(n){let a=(n[0]??[]).map((t,r)=>Math.max(...n.map(e=>e[r]?.length??0)));return n.map(t=>t.map((r,e)=>r.padEnd(a[e]??0)).join("  ").trimEnd())}o(i,"drawTable");function l(n,a){let t=o(r=>`| ${r.map(e=>e.replaceAll("|","\\|").replaceAll(`
`," ")).join(" | ")} |`,"line");return[t(n),t(n.map(()=>"---")),...a.map(t)].join(`
`)}o(l,"writeTable");function p(n,a){let t=Math.max(...a.map(([r])=>r.length));return{lines:[n,...a.map(([r,e])=>`  ${r.toLowerCase().padEnd(t)}  ${e}`)],summary:`### ${n}

${l(["",""],a)}
`,card:{title:n,facts:a}}}o(p,"writeFacts");export{i as a,l as b,p as c};
