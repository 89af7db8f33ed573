/// Where a module's handlers run.
public enum HandlerExecution: Sendable {
    /// On the event loop of the request's connection: no thread hop at all, for handlers that wait by `await` and
    /// compute little. One that blocks here stops every other request of its event loop.
    case eventLoop
    /// On Swift's global pool, which has as many threads as the machine has cores: for handlers that compute.
    case concurrent
    /// On a pool of threads that may be blocked: for handlers that call libraries which block.
    case blocking
}
