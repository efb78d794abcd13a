/** The machines the filter knows; elsewhere no sandbox is set up. */
export type Architecture = 'x64' | 'arm64'

/** Numbers of one system call by machine; `undefined` where it does not exist. */
type Numbers = readonly [x64: number | undefined, arm64: number | undefined]

/**
 * What no build or test needs and what attacks on the kernel or on other processes begin with. The namespaces refuse
 * most of it already; the filter holds when they do not.
 */
const denied: Readonly<Record<string, Numbers>> = {
  ptrace: [101, 117],
  process_vm_readv: [310, 270],
  process_vm_writev: [311, 271],
  kcmp: [312, 272],
  pidfd_getfd: [438, 438],
  add_key: [248, 217],
  request_key: [249, 218],
  keyctl: [250, 219],
  mount: [165, 40],
  umount2: [166, 39],
  pivot_root: [155, 41],
  chroot: [161, 51],
  open_tree: [428, 428],
  move_mount: [429, 429],
  fsopen: [430, 430],
  fsconfig: [431, 431],
  fsmount: [432, 432],
  fspick: [433, 433],
  mount_setattr: [442, 442],
  setns: [308, 268],
  bpf: [321, 280],
  userfaultfd: [323, 282],
  perf_event_open: [298, 241],
  io_uring_setup: [425, 425],
  io_uring_enter: [426, 426],
  io_uring_register: [427, 427],
  kexec_load: [246, 104],
  kexec_file_load: [320, 294],
  init_module: [175, 105],
  finit_module: [313, 273],
  delete_module: [176, 106],
  iopl: [172, undefined],
  ioperm: [173, undefined],
  modify_ldt: [154, undefined],
  uselib: [134, undefined],
  swapon: [167, 224],
  swapoff: [168, 225],
  reboot: [169, 142],
  sethostname: [170, 161],
  setdomainname: [171, 162],
  settimeofday: [164, 170],
  clock_settime: [227, 112],
  clock_adjtime: [305, 266],
  adjtimex: [159, 171],
  acct: [163, 89],
  quotactl: [179, 60],
  quotactl_fd: [443, 443],
  syslog: [103, 116],
  open_by_handle_at: [304, 265],
  lookup_dcookie: [212, 18],
  nfsservctl: [180, 42],
  vhangup: [153, 58],
  fanotify_init: [300, 262],
}

const machines = {
  x64: { audit: 0xc000003e, index: 0, unshare: 272, clone: 56, socket: 41, ioctl: 16 },
  arm64: { audit: 0xc00000b7, index: 1, unshare: 97, clone: 220, socket: 198, ioctl: 29 },
} as const

/** Its flags stand in memory, out of a filter's sight: programs are told it does not exist and use clone. */
const clone3 = 435
/** Calls younger than this filter are said not to exist. */
const newestKnown = 462
/** On x64: the same calls under other numbers. */
const x32Bit = 0x4000_0000

/** CLONE_NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID, NEWNET. */
const newNamespaces =
  0x0002_0000 | 0x0200_0000 | 0x0400_0000 | 0x0800_0000 | 0x1000_0000 | 0x2000_0000 | 0x4000_0000
const cloneNewTime = 0x80
/** AF_UNIX, AF_INET, AF_INET6, AF_NETLINK; the rest, vsock above all, does not heed the network namespace. */
const families = [1, 2, 10, 16]
/** TIOCSTI and TIOCLINUX type into the terminal one sits at. */
const terminalTricks = [0x5412, 0x541c]

const EPERM = 1
const ENOSYS = 38
const allow = 0x7fff_0000
const killProcess = 0x8000_0000
const refuse = (errno: number) => 0x0005_0000 | errno

const load = 0x20
const jumpEqual = 0x15
const jumpGreater = 0x25
const jumpGreaterOrEqual = 0x35
const jumpAnySet = 0x45
const answer = 0x06

type Instruction = readonly [code: number, ifTrue: number, ifFalse: number, k: number]

/** Offsets in `struct seccomp_data`; arguments are 64 bits wide, of which these calls read the lower half. */
const at = { number: 0, architecture: 4, argument: (n: number) => 16 + 8 * n }

/** The filter as bubblewrap takes it: an array of `struct sock_filter`. */
export function seccompFilter(architecture: Architecture): Buffer {
  const { audit, index, unshare, clone, socket, ioctl } = machines[architecture]
  const program: Instruction[] = [
    [load, 0, 0, at.architecture],
    [jumpEqual, 1, 0, audit],
    [answer, 0, 0, killProcess],
    [load, 0, 0, at.number],
    ...(architecture === 'x64' ? answerIf(jumpGreaterOrEqual, x32Bit, ENOSYS) : []),
    ...answerIf(jumpGreater, newestKnown, ENOSYS),
    ...answerIf(jumpEqual, clone3, ENOSYS),
    ...Object.values(denied)
      .map((numbers) => numbers[index])
      .filter((number) => number !== undefined)
      .flatMap((number) => answerIf(jumpEqual, number, EPERM)),
    ...whenCalled(clone, 0, answerIf(jumpAnySet, newNamespaces, EPERM)),
    ...whenCalled(unshare, 0, answerIf(jumpAnySet, newNamespaces | cloneNewTime, EPERM)),
    ...whenCalled(
      ioctl,
      1,
      terminalTricks.flatMap((request) => answerIf(jumpEqual, request, EPERM)),
    ),
    ...whenCalled(socket, 0, [
      ...families.flatMap((family): Instruction[] => [
        [jumpEqual, 0, 1, family],
        [answer, 0, 0, allow],
      ]),
      [answer, 0, 0, refuse(EPERM)],
    ]),
    [answer, 0, 0, allow],
  ]
  const bytes = Buffer.alloc(program.length * 8)
  for (const [position, [code, ifTrue, ifFalse, k]] of program.entries()) {
    bytes.writeUInt16LE(code, position * 8)
    bytes.writeUInt8(ifTrue, position * 8 + 2)
    bytes.writeUInt8(ifFalse, position * 8 + 3)
    bytes.writeUInt32LE(k >>> 0, position * 8 + 4)
  }
  return bytes
}

function answerIf(jump: number, k: number, errno: number): Instruction[] {
  return [
    [jump, 0, 1, k],
    [answer, 0, 0, refuse(errno)],
  ]
}

/** Looks at one argument of one call; what `checks` do not refuse is allowed. */
function whenCalled(number: number, argument: number, checks: readonly Instruction[]): Instruction[] {
  return [
    [jumpEqual, 0, checks.length + 2, number],
    [load, 0, 0, at.argument(argument)],
    ...checks,
    [answer, 0, 0, allow],
  ]
}
