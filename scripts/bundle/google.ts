import { readFile } from 'node:fs/promises'
import type { Plugin } from 'esbuild'
import { pruneProtos, type UsedMethods } from './compute-protos.ts'

/** What adapters/google/compute.ts calls. A method that is missing here fails at its first call, which a test makes. */
const computeMethods: UsedMethods = {
  Instances: ['Insert', 'Get', 'Delete', 'GetSerialPortOutput'],
  ZoneOperations: ['Get', 'Wait'],
  Images: ['Get', 'GetFromFamily', 'List'],
  MachineTypes: ['List'],
  Disks: ['Get'],
}

/** Modules that are loaded and never reached, since our transport and our credentials take their place. */
const unreached = [
  // gRPC's services beside the one that is asked for, as generated code.
  /google-gax\/build\/protos\/(iam_service|operations|locations)\.(js|json)$/,
  /google-gax\/build\/src\/(resumableUpload|resumableSourceFromFile|iamService|locationService|operationsClient)\.js$/,
  // Ways to send a request.
  /\/(teeny-request|gaxios|node-fetch|web-streams-polyfill|https-proxy-agent)\//,
]

/** Google's clients with what they need to run on our transport, and nothing else. */
export const googleClients: Plugin = {
  name: 'google-clients',
  setup(build) {
    build.onLoad({ filter: /@google-cloud\/compute\/build\/protos\/protos\.json$/ }, async ({ path }) => ({
      contents: JSON.stringify(pruneProtos(JSON.parse(await readFile(path, 'utf8')), computeMethods)),
      loader: 'json',
    }))

    for (const filter of unreached) build.onLoad({ filter }, () => ({ contents: 'module.exports = {}' }))

    // The REST half of gax: the other one brings gRPC.
    build.onResolve({ filter: /^google-gax$/ }, () => ({ path: 'google-gax', namespace: 'rest-only' }))
    build.onLoad({ filter: /.*/, namespace: 'rest-only' }, () => ({
      contents:
        "exports.fallback = require('google-gax/fallback'); exports.loggingUtils = require('google-logging-utils')",
      resolveDir: import.meta.dirname,
    }))

    // The clients are given credentials and make none. The library itself is loaded by adapters/google/auth.ts alone.
    build.onResolve({ filter: /^google-auth-library$/ }, ({ importer }) =>
      /\/(google-gax|@google-cloud)\//.test(importer)
        ? { path: 'credentials', namespace: 'given' }
        : undefined,
    )
    build.onLoad({ filter: /.*/, namespace: 'given' }, () => ({
      contents: 'exports.GoogleAuth = class { getCredentials() {} }',
    }))
  },
}
