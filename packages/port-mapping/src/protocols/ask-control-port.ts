import type { MappingDropReason } from '../codec/answer-drop.ts';
import { askByUdp, type UdpQuestion } from '../network/ask-by-udp.ts';
import type { NetworkParts } from '../network/network.ts';
import { controlLimitMs, controlSendAtMs } from './lifetimes.ts';

/** A request of PCP or NAT-PMP, and how to read the answer. */
interface ControlQuestion<Answer extends object> extends Pick<UdpQuestion<Answer>, 'gateway' | 'signal'> {
  readonly octets: Uint8Array;
  readonly read: (octets: Uint8Array) => Answer | MappingDropReason;
}

/** Asks the router at the port of PCP and NAT-PMP. Resolves with undefined when there is no answer in time. Never rejects. */
export function askControlPort<Answer extends object>(
  { gateway, octets, read, signal }: ControlQuestion<Answer>,
  parts: NetworkParts,
): Promise<Answer | undefined> {
  const { control } = parts.ports;
  const question = {
    gateway,
    requests: [{ to: { address: gateway.address, port: control }, octets }],
    sendAtMs: controlSendAtMs,
    limitMs: controlLimitMs,
    answerPort: control,
    read,
    signal,
  };
  return askByUdp(question, parts);
}
