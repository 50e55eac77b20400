import { expect, test } from 'vitest'
import { pruneProtos } from '../../scripts/bundle/compute-protos.ts'

const method = (requestType: string, responseType: string) => ({ requestType, responseType })
const message = (...types: readonly string[]) => ({
  fields: Object.fromEntries(types.map((type, index) => [`field${index}`, { type }])),
})

const protos = {
  nested: {
    google: {
      nested: {
        api: message('string'),
        cloud: {
          nested: {
            compute: {
              nested: {
                v1: {
                  nested: {
                    Instances: {
                      methods: {
                        Get: method('GetRequest', 'Instance'),
                        Stop: method('StopRequest', 'Operation'),
                      },
                    },
                    Routers: { methods: { Get: method('GetRouterRequest', 'Router') } },
                    GetRequest: message('string'),
                    StopRequest: message('string'),
                    GetRouterRequest: message('string'),
                    Instance: message('Disk', '.google.cloud.compute.v1.Scheduling.Kind', 'string'),
                    Disk: message('Instance'),
                    Scheduling: { ...message('string'), nested: { Kind: message('Duration') } },
                    Duration: message('int64'),
                    Operation: message('string'),
                    Router: message('string'),
                  },
                },
                v1beta: message('string'),
              },
            },
          },
        },
      },
    },
  },
}

function namesOf(pruned: object): readonly string[] {
  const { google } = (pruned as typeof protos).nested
  return Object.keys(google.nested.cloud.nested.compute.nested.v1.nested).sort()
}

test('what the methods lead to is kept, and nothing else of the API', () => {
  const pruned = pruneProtos(protos, { Instances: ['Get'] })

  expect(namesOf(pruned)).toEqual(['Disk', 'Duration', 'GetRequest', 'Instance', 'Instances', 'Scheduling'])
  const text = JSON.stringify(pruned)
  expect(text).toContain('"api"')
  expect(text).not.toContain('v1beta')
  expect(text).not.toContain('StopRequest')
})

test('a method that the API does not have ends the build', () => {
  expect(() => pruneProtos(protos, { Instances: ['Get', 'Fly'] })).toThrow('Instances has no Fly')
  expect(() => pruneProtos(protos, { Balloons: ['Fly'] })).toThrow('Balloons has no Fly')
})
