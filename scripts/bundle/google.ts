import { readFile } from 'node:fs/promises'
import type { Plugin } from 'esbuild'
import { pruneProtos, type UsedMethods } from './compute-protos.ts'

/** What adapters/google calls of Compute Engine. A method that is missing here fails at its first call, which a test makes. */
const computeMethods: UsedMethods = {
  Instances: ['Insert', 'Get', 'Delete', 'GetSerialPortOutput'],
  ZoneOperations: ['List', 'Wait'],
  GlobalOperations: ['Wait'],
  Images: ['Delete', 'Deprecate', 'Get', 'GetFromFamily', 'List', 'Patch', 'SetLabels'],
  MachineTypes: ['List'],
  Disks: ['AggregatedList', 'Delete', 'Get'],
}

/** What Google's clients load and do not reach, since our transport and our credentials take its place. */
const replacements: readonly {
  readonly importer: RegExp
  readonly specifier: RegExp
  readonly contents: string
}[] = [
  {
    // The clients are given credentials. The library itself is loaded by adapters/google/file-token.ts alone.
    importer: /node_modules\/(@google-cloud|google-gax)\//,
    specifier: /^google-auth-library$/,
    contents:
      'exports.GoogleAuth = class { getCredentials() {} }; exports.DEFAULT_UNIVERSE = "googleapis.com"',
  },
  {
    // Ways to send a request and to try again, streams that write, and what reads the HTML of a refusal.
    importer: /node_modules\/@google-cloud\/storage\//,
    specifier: /^(teeny-request|gaxios|retry-request|duplexify|html-entities|mime|p-limit|fast-xml-parser)$/,
    contents: 'module.exports = {}',
  },
  {
    // The REST half of gax alone: the other one brings gRPC.
    importer: /node_modules\/@google-cloud\/compute\//,
    specifier: /^google-gax$/,
    contents:
      "exports.fallback = require('google-gax/fallback'); exports.loggingUtils = require('google-logging-utils')",
  },
  {
    // An agent for sockets that it does not open.
    importer: /node_modules\/google-gax\//,
    specifier: /^https?$/,
    contents: 'exports.Agent = class {}',
  },
  {
    // Services beside the one that is asked for, as generated code.
    importer: /node_modules\/google-gax\//,
    specifier:
      /\/(iam_service|locations|operations|resumableUpload|resumableSourceFromFile|iamService|locationService|operationsClient)$/,
    contents: 'module.exports = {}',
  },
  {
    // Node has both. The library asks for them by itself.
    importer: /node_modules\/(google-auth-library|gcp-metadata|gaxios)\//,
    specifier: /^node-fetch$/,
    contents: 'module.exports = fetch',
  },
]

/** Google's clients with what they need to run on our transport, and nothing else. */
export const googleClients: Plugin = {
  name: 'google-clients',
  setup(build) {
    build.onLoad({ filter: /@google-cloud\/compute\/build\/protos\/protos\.json$/ }, async ({ path }) => ({
      contents: JSON.stringify(pruneProtos(JSON.parse(await readFile(path, 'utf8')), computeMethods)),
      loader: 'json',
    }))
    for (const [index, { importer, specifier, contents }] of replacements.entries()) {
      const namespace = `replaced-${index}`
      build.onResolve({ filter: specifier }, (args) =>
        importer.test(args.importer) ? { path: args.path, namespace } : undefined,
      )
      build.onLoad({ filter: /.*/, namespace }, () => ({ contents, resolveDir: import.meta.dirname }))
    }
  },
}
