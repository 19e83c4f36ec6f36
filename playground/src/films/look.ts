import { type Answer, sendIfThere } from "../shared/api";
import { current } from "../shared/session";

/**
 * Asks for what is there for everybody, also for whose session has just ended; undefined when no answer comes, or when
 * `signal` says that nobody waits for it any more.
 */
export async function look(url: string, signal?: AbortSignal): Promise<Answer | undefined> {
  const call = { method: "GET", url, signed: true };
  const answer = await sendIfThere(call, signal);
  return answer?.status === 401 && !current() ? sendIfThere(call, signal) : answer;
}
