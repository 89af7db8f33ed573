/// A connection, as its event loop's keeper sees it.
package protocol LoopMember: AnyObject {
    /// Looks at every deadline.
    func tick(now: Int64)
    /// Sends what handlers have written since the last time.
    func flushOutput()
    /// Answers what is in flight and at most one more request, then closes.
    func drain()
    /// Closes if nothing is in flight, because the worker is about to end.
    func closeIfIdle()
    /// Gives the connection to another worker if nothing is in flight. It stays where that is not possible just now.
    func handOverIfIdle()
    /// Bytes of requests' parameters that have not ended.
    var unfinishedHeadBytes: Int { get }
    /// Closes, because the worker has no room for the parameters that have not ended.
    func closeForWantOfRoom()
    /// Cancels what is in flight, and closes when all that was written has left.
    func abandon()
    /// Whether something that was written waits for the peer to take it.
    var owesOutput: Bool { get }
}
