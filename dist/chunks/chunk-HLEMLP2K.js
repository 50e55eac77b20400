import{createRequire as mayflyRequire}from'node:module';const require=mayflyRequire(import.meta.url);
import{h as u}from"./chunk-XZRTONB5.js";import{h as p}from"./chunk-MSD6HHRC.js";import{a as s}from"./chunk-HELUG43E.js";async function m(n,e,i){try{for(let r of f(n.fields,e))e.mask(r);let t=u(n.fields,{given:e.given(),spell:s(r=>e.spell(r),"spell"),env:s(r=>e.env(r),"env")}),o={world:i(e),context:e.context,log:e.log,signal:e.signal,spell:s(r=>e.spell(r),"spell"),saveState:s((r,a)=>e.saveState(r,a),"saveState"),setOutput:s((r,a)=>e.setOutput(r,a),"setOutput")},l=await n.plan(t,o);if(c(t))return e.report(d(l));e.report(n.report(await n.run(l,o),l))}catch(t){e.fail(t,p(t))}}s(m,"run");function c(n){return"dryRun"in n&&n.dryRun===!0}s(c,"isDryRun");function d(n){let e=JSON.stringify(n,null,2);return{exitCode:0,outputs:{plan:JSON.stringify(n)},lines:["Plan (nothing has been changed):",e],summary:`### Plan

Nothing has been changed.

\`\`\`json
${e}
\`\`\`
`,json:n}}s(d,"reportPlan");function*f(n,e){for(let[i,t]of Object.entries(e.given()))n[i]?.secret&&(yield*typeof t=="string"?[t]:t);for(let{secret:i,env:t=[]}of Object.values(n))i&&(yield*t.flatMap(o=>e.env(o)||[]))}s(f,"readSecrets");export{m as a};
