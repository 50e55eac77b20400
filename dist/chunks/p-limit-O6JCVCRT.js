import{createRequire as mayflyRequire}from'node:module';const require=mayflyRequire(import.meta.url);
import{c as o}from"./chunk-HELUG43E.js";var p=o((r,e)=>{e.exports={}});export default p();
