import{createRequire as mayflyRequire}from'node:module';const require=mayflyRequire(import.meta.url);
import{c as o}from"./chunk-HELUG43E.js";var g=o(e=>{e.GoogleAuth=class{getCredentials(){}};e.DEFAULT_UNIVERSE="googleapis.com"});export{g as a};
