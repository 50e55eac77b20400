import{createRequire as mayflyRequire}from'node:module';const require=mayflyRequire(import.meta.url);
