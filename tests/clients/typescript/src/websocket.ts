// Node 20 has no WebSocket of its own, as browsers and Node 22 have, and Apollo's link looks for it by its global name.
import { WebSocket } from "ws";

globalThis.WebSocket ??= WebSocket as unknown as typeof globalThis.WebSocket;
