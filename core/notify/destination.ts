import { InputError, type Problem } from '../errors.ts'
import { type Inputs, text } from '../fields.ts'

/** The fields of every task that has news for people. */
export const slackFields = {
  slack_webhook: text({
    description:
      "Incoming webhook of Slack, or of what takes Slack's messages: Mattermost, or Discord with `/slack` after the address. A Slack that fails is a warning, and never fails the work.",
    secret: true,
    env: ['SLACK_WEBHOOK_URL'],
  }),
  slack_token: text({
    description:
      "Token of a Slack app with `chat:write`, in place of a webhook: what follows on a run's message goes into its thread.",
    secret: true,
    env: ['MAYFLY_SLACK_TOKEN'],
  }),
  slack_channel: text({ description: 'The channel for `slack_token`, by id or name.', example: '#ml-batch' }),
} as const

/** Where messages go. Its JSON, which is what a dry run prints, has no secret in it. */
export type Destination = (
  | { readonly kind: 'webhook'; readonly url: string }
  | { readonly kind: 'channel'; readonly token: string; readonly channel: string }
) & { toJSON(): string }

/** Where the inputs say that messages go; undefined when they say nothing. Throws an InputError. */
export function readDestination(
  { slackWebhook: url, slackToken: token, slackChannel: channel }: Inputs<typeof slackFields>,
  spell: (field: string) => string,
): Destination | undefined {
  const problems: Problem[] = []
  if (token !== undefined && channel === undefined)
    problems.push({
      where: spell('slack_channel'),
      message: `required with ${spell('slack_token')}, and not given.`,
    })
  if (channel !== undefined && token === undefined)
    problems.push({
      where: spell('slack_channel'),
      message: `only ${spell('slack_token')} can choose a channel; a webhook has its own.`,
    })
  if (url !== undefined && !isAddress(url))
    problems.push({
      where: spell('slack_webhook'),
      message: 'expected an address such as https://hooks.slack.com/services/…, got something else.',
    })
  if (problems.length > 0) throw new InputError(problems)
  if (token !== undefined && channel !== undefined)
    return { kind: 'channel', token, channel, toJSON: () => channel }
  return url === undefined ? undefined : { kind: 'webhook', url, toJSON: () => 'webhook' }
}

function isAddress(text: string): boolean {
  return URL.canParse(text) && /^https?:$/.test(new URL(text).protocol)
}
