/**
 * What may go wrong at each step of the three jobs, and the tests that show what happens then. A cell has the titles of its
 * tests, as they stand in the sources, or says in a sentence why nothing can go wrong there.
 */
interface Row {
  readonly step: string
  readonly cells: Readonly<Record<string, readonly string[] | string>>
}

export interface Section {
  readonly job: string
  readonly troubles: readonly string[]
  readonly rows: readonly Row[]
}

// Tests that hold for many cells.
const everyBoundary =
  '$does: no crash at any boundary, no fault of any request, and no pair of those breaks a promise'
const stories = '2,000 stories of crashes, faults and outages break no promise'
const oneFault = 'one request %s, %j: one machine, one result, exit code 0'
const killed = '%s, SIGKILL at %j: %s; the same command ends it once'
const killedMachine = 'a machine that dies %s and boots again ends in one result'
const read = 'a read: the next try asks again, and nothing has changed'
const notYet = 'nothing exists yet'
const noRequest = 'no request is made'

const buildTroubles = [
  'lost before',
  'lost after',
  'refused for now',
  'hangs',
  'caller is killed',
  'machine is lost',
  'machine never starts',
  'provisioning fails',
  'no right',
] as const

const cancelledBuild = 'a cancelled build leaves no machine, and the tag can be built again'
const killedBuild =
  'GitHub: the post step ends the builder of a job that was killed, and the job can be run again'
const slowBuild = 'a build that takes too long is ended, 124, and leaves no machine'
const failedBuild = 'provisioning that fails is told in its own words, 1, and leaves no machine'
const soldOutBuild = "a sold-out zone gives way to the next, and a quota is told in Google's words"
const failedSmoke = 'an image that fails its smoke batch is not promoted, and says why'
const packers = "Packer's own request, and Packer's to repeat"

const buildImage: Section = {
  job: 'build-image',
  troubles: buildTroubles,
  rows: [
    {
      step: 'the plan: name, labels, what is there',
      cells: {
        'lost before': read,
        'lost after': read,
        'refused for now': read,
        hangs: read,
        'caller is killed': notYet,
        'machine is lost': notYet,
        'machine never starts': notYet,
        'provisioning fails': ['other inputs under a tag, and an image of somebody else, are conflicts, 65'],
        'no right': ['a missing right is named, and the role that holds it'],
      },
    },
    {
      step: 'the builder machine',
      cells: {
        'lost before': packers,
        'lost after': ['two builds of a tag at once: the second is told, and the first goes on'],
        'refused for now': [soldOutBuild],
        hangs: [slowBuild],
        'caller is killed': [killedBuild, cancelledBuild],
        'machine is lost': [slowBuild],
        'machine never starts': [slowBuild],
        'provisioning fails': [failedBuild, 'a playbook that fails is told by play, task and message'],
        'no right': [soldOutBuild],
      },
    },
    {
      step: 'the image, of no family',
      cells: {
        'lost before': packers,
        'lost after': [killedBuild],
        'refused for now': packers,
        hangs: [slowBuild],
        'caller is killed': [killed],
        'machine is lost': 'the machine is gone before its disk becomes the image',
        'machine never starts': 'the machine is gone before its disk becomes the image',
        'provisioning fails': ['what cannot be copied fails the operation, and leaves no image'],
        'no right': packers,
      },
    },
    {
      step: 'the smoke batch',
      cells: {
        'lost before': [everyBoundary],
        'lost after': [everyBoundary],
        'refused for now': [everyBoundary],
        hangs: [everyBoundary],
        'caller is killed': [everyBoundary],
        'machine is lost': ['a machine that vanishes at work is lost, and says so once'],
        'machine never starts': [
          'a machine that never boots is fenced off, diagnosed and replaced, three times at the most',
        ],
        'provisioning fails': [failedSmoke],
        'no right': ['a missing right is named, and the role that holds it'],
      },
    },
    {
      step: 'the promotion',
      cells: {
        'lost before': [killed],
        'lost after': [killed],
        'refused for now': ['a refusal for the moment passes, and one for good is told with its reason'],
        hangs: ['an operation that never ends is judged by the machine, too'],
        'caller is killed': [killed],
        'machine is lost': 'there is no machine',
        'machine never starts': 'there is no machine',
        'provisioning fails': [failedSmoke],
        'no right': ['a refusal for the moment passes, and one for good is told with its reason'],
      },
    },
    {
      step: 'the end of the builder',
      cells: {
        'lost before': [killedBuild],
        'lost after': [killedBuild],
        'refused for now': ['what is busy is asked again; what does not go is told after five minutes'],
        hangs: ['what is busy is asked again; what does not go is told after five minutes'],
        'caller is killed': [
          'machines that are off, orphan disks, builders and forgotten images go; nothing else does',
        ],
        'machine is lost': [
          'machines that are off, orphan disks, builders and forgotten images go; nothing else does',
        ],
        'machine never starts': [slowBuild],
        'provisioning fails': [failedBuild],
        'no right': ['a missing permission is 77 and named; the rest goes'],
      },
    },
  ],
}

const uploadTroubles = [
  'lost before',
  'lost after',
  'refused for now',
  'hangs',
  'caller is killed',
  'disk full',
  'no right',
] as const

const lostCreate = 'a create whose answer is lost (%s) finds its own object'
const lostRequest = 'a create that never arrived (%s) is sent again'
const noRight = 'a missing permission ends the task with its own exit code, and nothing is stored'

const uploadCode: Section = {
  job: 'upload-code',
  troubles: uploadTroubles,
  rows: [
    {
      step: 'the archive',
      cells: {
        'lost before': noRequest,
        'lost after': noRequest,
        'refused for now': noRequest,
        hangs: noRequest,
        'caller is killed': ['a git that is killed in the middle uploads nothing'],
        'disk full': ['a full disk is an error that says where, and leaves nothing behind'],
        'no right': noRequest,
      },
    },
    {
      step: 'the blob, created once',
      cells: {
        'lost before': [lostRequest, everyBoundary],
        'lost after': [lostCreate, everyBoundary],
        'refused for now': ['a write that fails for a while is tried again', everyBoundary],
        hangs: [lostRequest, everyBoundary],
        'caller is killed': [killed, everyBoundary],
        'disk full': 'it is read from where it is',
        'no right': [noRight],
      },
    },
    {
      step: 'the pointer, created once',
      cells: {
        'lost before': [everyBoundary],
        'lost after': [everyBoundary],
        'refused for now': [everyBoundary],
        hangs: [everyBoundary],
        'caller is killed': [killed, everyBoundary],
        'disk full': 'it is made in memory',
        'no right': [noRight],
      },
    },
    {
      step: 'the look at both',
      cells: {
        'lost before': read,
        'lost after': ['an archive that cannot be read back for now is no conflict'],
        'refused for now': ['an archive that cannot be read back for now is no conflict'],
        hangs: read,
        'caller is killed': [killed],
        'disk full': 'it is read into memory',
        'no right': [noRight],
      },
    },
    {
      step: 'a tag that was moved',
      cells: {
        'lost before': read,
        'lost after': read,
        'refused for now': read,
        hangs: read,
        'caller is killed': 'it changes nothing',
        'disk full': ['a full disk is an error that says where, and leaves nothing behind'],
        'no right': ['a moved tag is refused with both digests and commits, 65, and nothing changes'],
      },
    },
  ],
}

const callerTroubles = [
  'lost before',
  'lost after',
  'refused for now',
  'hangs',
  'SIGINT, SIGTERM',
  'SIGKILL',
  'machine is lost',
  'clock is wrong',
  'no right',
] as const

const ctrlC = 'Ctrl-C after %i ms leaves no machine, and one clear ending'
const wrongClock =
  'a caller whose clock is hours ahead gives up neither a machine that boots nor one that works'
const noRightToRun =
  'a bucket that may not be written is a missing permission, 77, and the permission is named'

/** A step of the caller's: every request of it is in the simulation with every fault, and the same on the wire. */
function attended(step: string, cells: Row['cells'] = {}): Row {
  return {
    step,
    cells: {
      'lost before': [everyBoundary, oneFault],
      'lost after': [everyBoundary, oneFault],
      'refused for now': [everyBoundary, oneFault],
      hangs: [everyBoundary],
      'SIGINT, SIGTERM': [ctrlC, stories],
      SIGKILL: [everyBoundary, killed],
      'machine is lost': 'there is no machine yet',
      'clock is wrong': [wrongClock, stories],
      'no right': [noRightToRun],
      ...cells,
    },
  }
}

const runBatchCaller: Section = {
  job: 'run-batch, the caller',
  troubles: callerTroubles,
  rows: [
    attended('what the plan needs: release, image, machine type', {
      'lost before': read,
      'lost after': read,
      'no right': ['a missing right is named, and the role that holds it'],
    }),
    attended('the claim'),
    attended('the attempt'),
    attended('the insert', {
      'lost after': [
        everyBoundary,
        'an insert without an answer is looked after before anything else: no other zone, no second machine',
      ],
      'refused for now': [
        'no other zone while it is not known whether the machine exists; the same request is asked for again',
        everyBoundary,
      ],
      'machine is lost': [stories],
      'no right': ['a missing right is named, and the role that holds it'],
    }),
    attended('the wait for it', {
      'lost after': ['an operation that nobody remembers is judged by the machine', oneFault],
      hangs: ['an operation that never ends is judged by the machine, too'],
      'machine is lost': [stories],
    }),
    attended('the wait for its first word', {
      'machine is lost': [
        'a machine that never boots is fenced off, diagnosed and replaced, three times at the most',
        'a bootstrap that gives up is believed at once',
      ],
    }),
    attended('the log', { 'machine is lost': [stories] }),
    attended('the result', {
      'SIGINT, SIGTERM': ['%s cancels the run, deletes its machine and gives %i', stories],
      'machine is lost': [
        'a result that was written just before the machine went is the result',
        'a machine that vanishes at work is lost, and says so once',
        'a machine that outlives its deadline is sealed as timed out and deleted',
      ],
    }),
    attended('the end of the machine', {
      'machine is lost': ['a machine that Google deleted at its deadline has timed out, not vanished'],
      'no right': ['a delete that is refused is told, with the machine that remains'],
    }),
    attended('what is told', {
      'lost before': noRequest,
      'lost after': noRequest,
      'refused for now': noRequest,
      hangs: noRequest,
      SIGKILL: ['the run outlives kill -9 of its controller, and the same command finds it'],
      'machine is lost': ['asking again for a key that is over reports it, without a machine'],
    }),
  ],
}

const machineTroubles = [
  'refused for now',
  'second boot',
  'killed or preempted',
  'disk full',
  'network cut',
  'no right',
] as const

const secondBoot = 'a machine that starts for the second time says so and runs nothing'
const fullDisk = 'a full disk is told with the result, and what fits is stored'
const cutNetwork = 'a network that is cut for a while costs no work, no line and no result'
const mute = 'without a network, the startup script tells the console what it cannot read'
const noRightToBegin = 'a machine that may not begin tells the console why, does nothing, and is gone'
const lostAnswers = 'answers that get lost do not change what happens'

const runBatchMachine: Section = {
  job: 'run-batch, the machine',
  troubles: machineTroubles,
  rows: [
    {
      step: 'the startup script and the agent',
      cells: {
        'refused for now': [killedMachine],
        'second boot': [secondBoot],
        'killed or preempted': [killedMachine],
        'disk full': [fullDisk],
        'network cut': [mute],
        'no right': [noRightToBegin],
      },
    },
    {
      step: 'the fence',
      cells: {
        'refused for now': [lostAnswers, 'a machine whose answer was lost finds its own record'],
        'second boot': [secondBoot, 'the same machine at its second boot is told so'],
        'killed or preempted': [killedMachine, stories],
        'disk full': 'it writes nothing to the disk',
        'network cut': [mute],
        'no right': [noRightToBegin],
      },
    },
    {
      step: 'the code',
      cells: {
        'refused for now': [lostAnswers],
        'second boot': [secondBoot],
        'killed or preempted': [killedMachine],
        'disk full': [fullDisk],
        'network cut': [cutNetwork],
        'no right': ['code that is gone is named'],
      },
    },
    {
      step: 'the steps',
      cells: {
        'refused for now': 'they are the user’s own',
        'second boot': [secondBoot],
        'killed or preempted': [
          killedMachine,
          'a preempted machine is replaced, and the next one goes on from the checkpoint',
          'a machine whose host fails is lost and replaced; what it had kept is not lost',
        ],
        'disk full': [fullDisk],
        'network cut': [cutNetwork],
        'no right': 'they are the user’s own',
      },
    },
    {
      step: 'log and outputs',
      cells: {
        'refused for now': ['a chunk that cannot be stored is tried again, under the same name', lostAnswers],
        'second boot': [secondBoot],
        'killed or preempted': [killedMachine],
        'disk full': [fullDisk],
        'network cut': [cutNetwork],
        'no right': ['outputs that may not be written are no success'],
      },
    },
    {
      step: 'the result',
      cells: {
        'refused for now': [lostAnswers, 'a result that someone else wrote meanwhile is the one that counts'],
        'second boot': [secondBoot],
        'killed or preempted': [killedMachine, stories],
        'disk full': [fullDisk],
        'network cut': [cutNetwork],
        'no right': [noRightToBegin],
      },
    },
    {
      step: 'its own end',
      cells: {
        'refused for now': [lostAnswers],
        'second boot': [secondBoot],
        'killed or preempted': [killedMachine],
        'disk full': 'it writes nothing to the disk',
        'network cut': [
          'with everyone dead who knew of it, a machine ends at its deadline, and the next who asks is told',
        ],
        'no right': ['a machine that may not delete itself says so, and its result stands'],
      },
    },
  ],
}

const sweepTroubles = [
  'lost',
  'refused for now',
  'partial list',
  'caller is killed',
  'another sweep',
  'not ours',
  'no right',
] as const

const sweep: Section = {
  job: 'sweep',
  troubles: sweepTroubles,
  rows: [
    {
      step: 'the lists and the removals',
      cells: {
        lost: ['answers that are lost, late and refused in passing change nothing'],
        'refused for now': ['answers that are lost, late and refused in passing change nothing'],
        'partial list': [
          'a zone that cannot be asked is unknown: what was seen goes, and the exit code is 70',
        ],
        'caller is killed': ['a sweep that is killed in the middle is finished by the next'],
        'another sweep': ['two sweeps at once end the same way'],
        'not ours': [
          'machines that are off, orphan disks, builders and forgotten images go; nothing else does',
        ],
        'no right': ['a missing permission is 77 and named; the rest goes'],
      },
    },
    {
      step: 'the runs of lost machines',
      cells: {
        lost: ['a machine goes, and its run is lost with the fence taken'],
        'refused for now': ['a run that may not be sealed does not keep its machine, and ends in 77'],
        'partial list': ['a record that cannot be read is told, and the machine goes'],
        'caller is killed': ['a sweep that is killed in the middle is finished by the next'],
        'another sweep': ['two sweeps at once end the same way'],
        'not ours': ['a result that is there stays the result'],
        'no right': ['a run that may not be sealed does not keep its machine, and ends in 77'],
      },
    },
  ],
}

export const matrix: readonly Section[] = [buildImage, uploadCode, runBatchCaller, runBatchMachine, sweep]
