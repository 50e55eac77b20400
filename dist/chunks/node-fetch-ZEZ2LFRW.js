import{createRequire as mayflyRequire}from'node:module';const require=mayflyRequire(import.meta.url);
import{c as t}from"./chunk-HELUG43E.js";var c=t((f,e)=>{e.exports=fetch});export default c();
