import type { Log } from '../host.ts'

/**
 * What Mayfly decides of an image's build. The names are those of Packer's googlecompute builder, and each comes to the
 * template as the variable of that name; one that the template does not declare is not heard.
 */
interface BuildSettings {
  readonly project_id: string
  readonly zone: string
  readonly image_name: string
  readonly image_description: string
  readonly image_labels: Readonly<Record<string, string>>
  /** Name of the image to begin with, and its project. */
  readonly source_image: string
  readonly source_image_project_id: string
  readonly machine_type: string
  /** Gigabytes. */
  readonly disk_size: number
  readonly instance_name: string
  /** Of the builder machine, for whoever looks for leftovers. */
  readonly labels: Readonly<Record<string, string>>
  readonly max_run_duration_in_seconds: number
  readonly subnetwork?: string
  readonly service_account_email?: string
  /** Packer reaches the machine by its internal address. */
  readonly use_internal_ip: boolean
}

/** An image to be made by Packer and Ansible. */
export interface ImageBuild {
  /** A Packer template of the team's own, a file or a folder. Without it, Mayfly's: the playbook, and what a batch needs. */
  readonly template?: string
  /** An Ansible playbook, which Mayfly's own template runs. */
  readonly playbook?: string
  /** Container images to be in the machine image already. */
  readonly containers: readonly string[]
  readonly settings: BuildSettings
  /** The caller's: of the template, or of the playbook. Never in arguments. */
  readonly variables: Readonly<Record<string, string>>
  /** More of them, whose values are in environment variables of these names and stay out of every log. */
  readonly secrets: Readonly<Record<string, string>>
}

interface BuildOptions {
  readonly log: Log
  /** Cancels: Packer is asked to clean up, and waited for. */
  readonly signal: AbortSignal
  /** Aborts when there can be no image, and no machine to clean up: Packer is ended at once, and the reason thrown. */
  readonly hopeless: AbortSignal
}

/** Packer and Ansible. Every failure is a CommandError or, when a tool or a file is missing, an InputError. */
export interface Builder {
  /** Versions of the tools. Throws an InputError that says what is missing or too old, and how to get it. */
  tools(build: ImageBuild): Promise<Readonly<Record<string, string>>>
  /** `packer validate` and `ansible-playbook --syntax-check`. Makes nothing. */
  validate(build: ImageBuild, options: Pick<BuildOptions, 'log' | 'signal'>): Promise<void>
  /** Makes the image, of no family; gives the name that Packer's manifest tells. */
  build(build: ImageBuild, options: BuildOptions): Promise<string>
}
