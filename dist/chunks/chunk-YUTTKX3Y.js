import{createRequire as mayflyRequire}from'node:module';const require=mayflyRequire(import.meta.url);
import{g as u}from"./chunk-KAOCKGPP.js";import{h as p}from"./chunk-UO4VZDU4.js";import{a as r}from"./chunk-HELUG43E.js";async function m(e,n,i){try{for(let t of f(e.fields,n))n.mask(t);let s=u(e.fields,{given:n.given(),spell:r(t=>n.spell(t),"spell"),env:r(t=>n.env(t),"env")}),a={world:i(n),context:n.context,log:n.log,signal:n.signal,spell:r(t=>n.spell(t),"spell"),saveState:r((t,l)=>n.saveState(t,l),"saveState"),setOutput:r((t,l)=>n.setOutput(t,l),"setOutput")},o=await e.plan(s,a);if(d(s))return n.report(c(o));n.report(e.report(await e.run(o,a),o))}catch(s){n.fail(s,p(s))}}r(m,"run");function d(e){return"dryRun"in e&&e.dryRun===!0}r(d,"isDryRun");function c(e){let n=JSON.stringify(e,null,2);return{exitCode:0,outputs:{plan:JSON.stringify(e)},lines:["Plan (nothing has been changed):",n],summary:`### Plan

Nothing has been changed.

\`\`\`json
${n}
\`\`\`
`,json:e}}r(c,"reportPlan");function*f(e,n){for(let[i,s]of Object.entries(n.given()))e[i]?.secret&&(yield*typeof s=="string"?[s]:s)}r(f,"readSecrets");export{m as a};
