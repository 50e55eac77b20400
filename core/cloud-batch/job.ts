import * as z from 'zod/mini'

// The part of https://cloud.google.com/batch/docs/reference/rest/v1/projects.locations.jobs that Mayfly writes, with the
// ranges that its reference and https://cloud.google.com/batch/quotas name. Google's own clients check none of it: unknown
// fields and wrong words are dropped or sent as they are.

const whole = (least: number, most: number) =>
  z.string().check(
    z.regex(/^\d+$/),
    z.refine((text) => Number(text) >= least && Number(text) <= most, {
      error: `expected a whole number from ${least} to ${most}`,
    }),
  )
const label = z.string().check(z.regex(/^[\p{Ll}\p{Lo}\p{N}_-]{0,63}$/u))
const labels = z.record(
  z.string().check(z.regex(/^(?!goog(?:le)?-)\p{Ll}[\p{Ll}\p{Lo}\p{N}_-]{0,62}$/u)),
  label,
)
const seconds = z.string().check(
  z.regex(/^\d+s$/),
  z.refine((text) => Number(text.slice(0, -1)) <= limits.runSeconds, { error: 'expected at most 14 days' }),
)

export const limits = {
  runSeconds: 14 * 24 * 60 * 60,
  queueSeconds: 2 * 24 * 60 * 60,
  tasks: 100_000,
  parallelism: 5000,
  retries: 10,
  /** Of the JSON. */
  bytes: 1_000_000,
} as const

/**
 * What is Batch's and no program's: a VM that was preempted, was lost, rebooted or hung, and a task that was recreated.
 * Not 50005, a task out of time. https://cloud.google.com/batch/docs/troubleshooting#reserved-exit-codes
 */
export const retriedCodes = [50001, 50002, 50003, 50004, 50006] as const

const taskSpec = z.strictObject({
  runnables: z.tuple([
    z.strictObject({
      displayName: z.string(),
      script: z.strictObject({ text: z.string().check(z.minLength(1)) }),
    }),
  ]),
  environment: z.strictObject({
    variables: z.record(z.string().check(z.regex(/^[A-Za-z_][A-Za-z0-9_]*$/)), z.string()),
  }),
  computeResource: z.strictObject({ cpuMilli: whole(1, 10 ** 7), memoryMib: whole(1, 10 ** 8) }),
  maxRunDuration: seconds,
  maxRetryCount: z.int().check(z.gte(0), z.lte(limits.retries)),
  lifecyclePolicies: z.tuple([
    z.strictObject({
      action: z.literal('RETRY_TASK'),
      actionCondition: z.strictObject({ exitCodes: z.array(z.literal([...retriedCodes])) }),
    }),
  ]),
})

const taskGroup = z.strictObject({
  taskCount: whole(1, limits.tasks),
  parallelism: whole(1, limits.parallelism),
  taskCountPerNode: z.literal('1'),
  taskSpec,
})

const networkInterface = z.strictObject({
  network: z.optional(z.string()),
  subnetwork: z.optional(z.string()),
  noExternalIpAddress: z.optional(z.boolean()),
})

/** A job as it is sent. */
export const batchJob = z.strictObject({
  labels,
  taskGroups: z.tuple([taskGroup]),
  allocationPolicy: z.strictObject({
    location: z.strictObject({
      allowedLocations: z
        .array(z.string().check(z.regex(/^zones\/[a-z]+-[a-z]+\d+-[a-z0-9]+$/)))
        .check(z.minLength(1)),
    }),
    instances: z.tuple([
      z.strictObject({
        policy: z.strictObject({
          machineType: z.string().check(z.regex(/^[a-z0-9]+(?:-[a-z0-9]+)+$/)),
          provisioningModel: z.enum(['STANDARD', 'SPOT']),
          bootDisk: z.strictObject({
            image: z.string().check(z.regex(/^projects\/[^/]+\/global\/images\/[^/]+$/)),
            sizeGb: z.optional(whole(10, 65_536)),
          }),
        }),
      }),
    ]),
    serviceAccount: z.optional(z.strictObject({ email: z.string() })),
    network: z.optional(z.strictObject({ networkInterfaces: z.tuple([networkInterface]) })),
    labels,
  }),
  logsPolicy: z.strictObject({ destination: z.literal('CLOUD_LOGGING') }),
})
export type BatchJob = z.infer<typeof batchJob>
