import{createRequire as mayflyRequire}from'node:module';const require=mayflyRequire(import.meta.url);
import{a}from"./chunk-3WOEFNTP.js";import"./chunk-T7VJH3SV.js";import"./chunk-Y2RD5XFJ.js";import"./chunk-ZZFESZQJ.js";import"./chunk-C2YRLGJ6.js";import"./chunk-IQKXW4JN.js";import"./chunk-DYFU6S3B.js";import"./chunk-UO4VZDU4.js";import"./chunk-HELUG43E.js";export{a as uploadCode};
