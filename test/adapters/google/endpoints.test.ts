import { expect, test } from 'vitest'
import { readEndpoints } from '../../../adapters/google/endpoints.ts'

const local = 'http://127.0.0.1:8080'

function read(env: Readonly<Record<string, string>>) {
  return readEndpoints((name) => env[name])
}

test('without anything it is the real Google', () => {
  expect(read({})).toEqual({
    storage: 'https://storage.googleapis.com',
    compute: 'https://compute.googleapis.com',
    local: false,
    line: 'Google Cloud: the real one (storage.googleapis.com, compute.googleapis.com)',
  })
})

test.each([
  ['127.0.0.1:8080', `${local}`],
  [local, `${local}/compute/v1/`],
  [`${local}/`, `${local}/`],
  [`${local}/storage/v1/`, local],
])('%s and %s are one local Google', (storage, compute) => {
  const env = { STORAGE_EMULATOR_HOST: storage, CLOUDSDK_API_ENDPOINT_OVERRIDES_COMPUTE: compute }
  expect(read(env)).toEqual({
    storage: local,
    compute: local,
    local: true,
    line: `Google Cloud: a local one (storage ${local}, compute ${local})`,
  })
})

test("gcloud's name for Storage does as well", () => {
  const env = {
    CLOUDSDK_API_ENDPOINT_OVERRIDES_STORAGE: `${local}/storage/v1/`,
    CLOUDSDK_API_ENDPOINT_OVERRIDES_COMPUTE: `${local}/compute/v1/`,
  }
  expect(read(env)).toMatchObject({ storage: local, local: true })
})

test('a private address of Google is the real one', () => {
  const compute = 'https://compute-acme.p.googleapis.com'
  expect(read({ CLOUDSDK_API_ENDPOINT_OVERRIDES_COMPUTE: `${compute}/compute/v1/` })).toMatchObject({
    compute,
    local: false,
  })
})

test.each([
  { env: { STORAGE_EMULATOR_HOST: local }, where: 'CLOUDSDK_API_ENDPOINT_OVERRIDES_COMPUTE', says: 'local' },
  { env: { CLOUDSDK_API_ENDPOINT_OVERRIDES_COMPUTE: local }, where: 'STORAGE_EMULATOR_HOST', says: 'real' },
  {
    env: {
      STORAGE_EMULATOR_HOST: local,
      CLOUDSDK_API_ENDPOINT_OVERRIDES_STORAGE: 'http://127.0.0.1:9',
      CLOUDSDK_API_ENDPOINT_OVERRIDES_COMPUTE: local,
    },
    where: 'STORAGE_EMULATOR_HOST',
    says: 'but CLOUDSDK_API_ENDPOINT_OVERRIDES_STORAGE is http://127.0.0.1:9',
  },
  {
    env: { STORAGE_EMULATOR_HOST: local, CLOUDSDK_API_ENDPOINT_OVERRIDES_COMPUTE: `${local}/elsewhere` },
    where: 'CLOUDSDK_API_ENDPOINT_OVERRIDES_COMPUTE',
    says: 'expected an address',
  },
  {
    env: { STORAGE_EMULATOR_HOST: 'http://', CLOUDSDK_API_ENDPOINT_OVERRIDES_COMPUTE: local },
    where: 'STORAGE_EMULATOR_HOST',
    says: 'got "http://"',
  },
])('$env is refused at $where', ({ env, where, says }) => {
  expect(() => read(env as Readonly<Record<string, string>>)).toThrow(
    expect.objectContaining({
      name: 'InputError',
      problems: expect.arrayContaining([{ where, message: expect.stringContaining(says) }]),
    }),
  )
})
