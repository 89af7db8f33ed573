internal import Glibc

/// What one turn of the loop waits for.
struct PollSet {
    enum Interest {
        case signals
        case controlListener
        case client(ControlClient)
        case process(PoolProcesses, WorkerProcess)
        case reports(PoolProcesses, WorkerProcess)
        case output(PoolProcesses, WorkerProcess)
        case handOver(PoolProcesses, WorkerProcess)
        /// A listening socket of a pool that has no worker.
        case connection(PoolProcesses)
        case explanation(CrashLocator)
        /// A listening socket of a pool whose clients the supervisor answers itself, and such a client.
        case refused(PoolProcesses, ListeningSocket)
        case refusal(RefusedConnection)
        case upgradeTrial
        /// The log has room again.
        case log
        /// A program that is asked whether it is up.
        case probe
    }

    private var descriptors: [pollfd] = []
    private var interests: [Interest] = []

    /// Of what is to be neither read nor written the end is not heard either: it would be heard again and again.
    mutating func add(_ descriptor: Int32, _ interest: Interest, readable: Bool = true, writable: Bool = false) {
        let events = (readable ? Int16(POLLIN) : 0) | (writable ? Int16(POLLOUT) : 0)
        guard events != 0 else { return }
        descriptors.append(pollfd(fd: descriptor, events: events, revents: 0))
        interests.append(interest)
    }

    /// What is ready; nothing where the time is over.
    mutating func wait(milliseconds: Int32) -> [Interest] {
        guard poll(&descriptors, nfds_t(descriptors.count), milliseconds) > 0 else { return [] }
        return zip(descriptors, interests).filter { $0.0.revents != 0 }.map(\.1)
    }
}
