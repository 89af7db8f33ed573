internal import CGatehouseSystem

/// The kernel's queue of connections that no process has accepted yet.
public enum ListeningQueue {
    /// The number of connections that wait on a listening Unix or TCP socket, and the most that the kernel lets wait;
    /// `nil` if it does not say: the descriptor does not listen, or its socket was made in another network namespace.
    ///
    /// Costs a few system calls and never blocks.
    public static func depth(of descriptor: Int32) -> (waiting: Int, limit: Int)? {
        var waiting: UInt32 = 0
        var limit: UInt32 = 0
        guard gatehouse_listening_queue(descriptor, &waiting, &limit) == 0 else { return nil }
        return (Int(waiting), Int(limit))
    }
}
