import type { Names } from './ci.ts'
import type { Program } from './repository.ts'

/** A batch file that runs the repository's program on the machine itself. */
export function writeBatch({ name, family, zones }: Names, program: Program | undefined): string {
  return `# What runs, on what machine, with which code. \`mayfly run-batch\` runs it; \`mayfly local run-batch\` does so here.
name: ${name}
machine:
  image: ${family} # the family that \`mayfly build-image\` makes of site.yml
  cpus: 2
  memory: 4GB
  zones: [${zones.join(', ')}] # tried in order when one is sold out
timeout: 1h # the machine is gone by then, whatever happens
params:
  date: { type: date, default: today }
env:
  DATE: "\${{ params.date }}"
steps:
  - name: ${program === undefined ? 'hello' : program.file.replace(/\.\w+$/, '')}
${writeRun(program)}
# What is kept when the machine is gone, in the bucket or where \`to\` says:
# outputs:
#   - { path: model/, name: model }
`
}

function writeRun(program: Program | undefined): string {
  if (program === undefined) return '    run: echo "A machine for $DATE"\n'
  const file = quote(program.file)
  if (program.language === 'r') return `    run: ${JSON.stringify(`Rscript ${file}`)}\n`
  if (!program.requirements) return `    run: ${JSON.stringify(`python3 ${file}`)}\n`
  return `    run: |
      python3 -m venv .venv
      .venv/bin/pip install --quiet -r requirements.txt
      .venv/bin/python ${file}
`
}

/** A playbook that puts the program's language on the machine. */
export function writePlaybook({ name }: Names, program: Program | undefined): string {
  const packages =
    program === undefined
      ? ['ca-certificates']
      : program.language === 'r'
        ? ['r-base-core']
        : ['python3', 'python3-venv']
  return `# What the machines of ${name} have besides what every batch needs, which Mayfly's own role brings.
- name: Machines of ${name}
  hosts: all
  become: true
  tasks:
    - name: Install packages
      ansible.builtin.apt:
        name: [${packages.join(', ')}]
        install_recommends: false
        update_cache: true
        cache_valid_time: 3600
`
}

/** For a shell, where it is needed. */
function quote(text: string): string {
  return /^[\w@%+:,./-]+$/.test(text) && !text.startsWith('-') ? text : `'./${text.replaceAll("'", `'\\''`)}'`
}
