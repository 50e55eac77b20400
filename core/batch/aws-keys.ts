import { key, object } from './collections.ts'
import { text } from './scalars.ts'

/** `aws:` of a batch file: what S3 needs beside credentials. */
export const aws = object(
  { what: 'aws' },
  {
    region: key(text({ expected: 'a region such as eu-west-1', pattern: /^[a-z]{2,}(?:-[a-z0-9]+)+$/u }), {
      description: "the buckets' region; AWS_REGION when absent",
      example: 'eu-west-1',
    }),
    role: key(
      text({
        expected: 'a role such as arn:aws:iam::123456789012:role/mayfly',
        pattern: /^arn:aws[a-z-]*:iam::\d{12}:role\/[\w+=,.@/-]+$/u,
      }),
      {
        description: 'the role that the machine takes with its own Google identity, in place of keys',
        example: 'arn:aws:iam::123456789012:role/mayfly',
      },
    ),
    endpoint: key(
      text({
        expected: 'an address such as https://minio.example.com',
        pattern: /^https?:\/\/[^\s/?#]+\/?$/u,
      }),
      { description: 'of a server that speaks S3; of AWS when absent', example: 'https://minio.example.com' },
    ),
  },
)
