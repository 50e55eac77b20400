import{createRequire as mayflyRequire}from'node:module';const require=mayflyRequire(import.meta.url);
import{a as t}from"./chunk-HELUG43E.js";function s(n){return Object.fromEntries(Object.entries(n).filter(([,e])=>e!==void 0&&e!==""))}t(s,"describeContext");function d(...n){return n.some(e=>e===void 0||e==="")?void 0:n.join("/")}t(d,"nameJob");function a(n,e){let o={};for(let[r,i]of Object.entries(n))r.startsWith(e)&&i&&(o[r.slice(e.length).toLowerCase()]=i);return o}t(a,"readPrefixed");function m({stdout:n}){let e=!0,o=t(r=>{r!==""&&(n.write(r),e=r.endsWith(`
`))},"write");return{line:t(r=>o(`${e?"":`
`}${r}
`),"line"),text:o}}t(m,"openLines");export{s as a,d as b,m as c,a as d};
