/** The project and the bucket of the local cloud. */
export const localProject = 'local'
export const localBucket = 'mayfly'

/** What makes Mayfly and Google's own tools talk to the local cloud. */
export function makeEnvironment(url: string): Readonly<Record<string, string>> {
  return {
    STORAGE_EMULATOR_HOST: url,
    CLOUDSDK_API_ENDPOINT_OVERRIDES_STORAGE: `${url}/storage/v1/`,
    CLOUDSDK_API_ENDPOINT_OVERRIDES_COMPUTE: `${url}/compute/v1/`,
    CLOUDSDK_API_ENDPOINT_OVERRIDES_SECRETMANAGER: `${url}/`,
    CLOUDSDK_AUTH_DISABLE_CREDENTIALS: '1',
    CLOUDSDK_CORE_PROJECT: localProject,
    MAYFLY_BUCKET: localBucket,
  }
}

/** The same for a shell. */
export function writeExports(url: string): readonly string[] {
  return Object.entries(makeEnvironment(url)).map(([name, value]) => `export ${name}=${value}`)
}
