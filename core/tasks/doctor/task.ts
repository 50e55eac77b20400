import { cloudFields, flag, list, text } from '../../fields.ts'
import { defineTask } from '../../task.ts'
import { examine } from './examine.ts'
import { reportChecks } from './report.ts'
import type { Ask } from './visit.ts'

/** Proves a project before its first run. */
export const doctor = defineTask({
  name: 'doctor',
  summary: 'Look whether a project has all that batches need, and say which commands bring what is missing.',
  fields: {
    batch: text({
      description: 'A batch file, whose image, zones, machine type and release are looked at too.',
      example: 'batch.yaml',
      positional: true,
    }),
    zones: list({
      description: 'Zones whose quotas are looked at when no batch file names any.',
      example: 'us-central1-a',
      env: ['CLOUDSDK_COMPUTE_ZONE'],
    }),
    image: text({
      description: 'An image or family, in place of the one that the batch file names.',
      example: 'ml-batch',
    }),
    service_account: text({
      description: "The machines' service account. Without it, the batch file's, else the project's default.",
      example: 'batch@acme-ml.iam.gserviceaccount.com',
    }),
    build_images: flag({ description: 'Look also whether the caller may do what build-image does.' }),
    boot: flag({
      description:
        'When nothing is missing, run a tiny batch, which proves what only a machine can prove. Everything else only reads.',
    }),
    ...cloudFields,
  },
  outputs: {},

  plan: async (inputs): Promise<Ask> => inputs,
  run: examine,
  report: reportChecks,
})
