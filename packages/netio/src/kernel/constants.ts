// Numbers of the kernel's interface that are equal on x86-64 and arm64, under the names of the C headers.

export const AF_UNIX = 1;
export const AF_INET = 2;
export const AF_INET6 = 10;
export const SOCK_DGRAM = 2;
export const SOCK_RAW = 3;
export const SOCK_CLOEXEC = 0x80000;
export const SOCK_NONBLOCK = 0x800;
export const IPPROTO_RAW = 255;

export const SOL_SOCKET = 1;
/** The process, user and group that opened the other end of a Unix socket. */
export const SO_PEERCRED = 17;
export const SO_REUSEADDR = 2;
export const SO_SNDBUF = 7;
export const SO_RCVBUF = 8;
export const SO_SNDBUFFORCE = 32;
export const SO_RCVBUFFORCE = 33;
export const SOL_IP = 0;
export const IP_TOS = 1;
export const IP_MTU_DISCOVER = 10;
/** Never sets DF: the kernel ignores ICMP reports on the path MTU and fragments datagrams above the link MTU. */
export const IP_PMTUDISC_OMIT = 5;

export const IP_MULTICAST_IF = 32;
export const IP_MULTICAST_TTL = 33;
export const IP_ADD_MEMBERSHIP = 35;
/** Off: a socket hears only the groups that it joined itself, not all that this host did. */
export const IP_MULTICAST_ALL = 49;
/** Fills in the index of an interface whose name is given. */
export const SIOCGIFINDEX = 0x8933;

export const O_RDWR = 2;
export const O_NONBLOCK = 0x800;
export const O_CLOEXEC = 0x80000;

export const POLLIN = 1;
export const EFD_NONBLOCK = 0x800;
export const EFD_CLOEXEC = 0x80000;

export const TUNSETIFF = 0x400454ca;
export const IFF_TUN = 0x0001;
export const IFF_NO_PI = 0x1000;
/** Fails with EBUSY when an interface of that name exists, instead of joining it. */
export const IFF_TUN_EXCL = 0x8000;
/** Each read and write begins with a `struct virtio_net_hdr`. */
export const IFF_VNET_HDR = 0x4000;
/** Declares which offloaded packets of the host the device accepts. */
export const TUNSETOFFLOAD = 0x400454d0;
export const TUN_F_CSUM = 0x01;
export const TUN_F_TSO6 = 0x04;
/** The kernel takes the two only together. */
export const TUN_F_USO = 0x60;

export const SOL_UDP = 17;
/** As a control message: the kernel cuts a message into datagrams of this many octets. */
export const UDP_SEGMENT = 103;
/** As an option: datagrams of one size may arrive joined; as a control message: their size. */
export const UDP_GRO = 104;
