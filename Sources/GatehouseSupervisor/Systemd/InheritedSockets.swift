internal import CGatehouseSystem
public import GatehousePlan
internal import GatehouseSystem
internal import Glibc

/// The sockets that systemd passes by number, by the rules of sd_listen_fds(3).
public enum InheritedSockets {
    private static let names = ["LISTEN_FDS", "LISTEN_PID", "LISTEN_PIDFDID", "LISTEN_FDNAMES"]
    /// SD_LISTEN_FDS_START
    private static let firstDescriptor: Int32 = 3

    /// The sockets that this process was passed, in systemd's order; none if something else started it. The variables
    /// are removed from the environment in any case. Call it once, while the process has one thread and before it opens
    /// anything.
    /// - Throws: if the variables are malformed, or a descriptor is no listening socket.
    public static func take() throws(OperatorError) -> [InheritedSocket] {
        let environment = ProcessEnvironment.take(names)
        guard environment["LISTEN_FDS"] != nil else { return [] }
        let own = gatehouse_own_process_id()
        return try take(environment: environment, pid: getpid(), processID: own == 0 ? nil : own)
    }

    /// - Parameter processID: the value that LISTEN_PIDFDID must have if it is set; `nil` if the kernel has no such
    ///   number.
    static func take(
        environment: [String: String], pid: pid_t, processID: UInt64?, first: Int32 = firstDescriptor
    ) throws(OperatorError) -> [InheritedSocket] {
        // LISTEN_PID is another process's: an ancestor forgot to unset it, and these descriptors are not ours.
        guard environment["LISTEN_PID"] == String(pid) else { return [] }
        if let wanted = environment["LISTEN_PIDFDID"], let processID, wanted != String(processID) { return [] }
        guard let number = environment["LISTEN_FDS"] else { return [] }
        guard let count = Int32(number), number.utf8.allSatisfy({ $0 != UInt8(ascii: "+") }), count > 0,
            count <= Int32.max - first
        else {
            throw refusal(
                "LISTEN_FDS is \"\(printable(number, atMost: 40))\", not a number of sockets: whatever sets LISTEN_PID "
                    + "and LISTEN_FDS for Gatehouse is at fault; under systemd, use a .socket unit, and no "
                    + "Environment= of that name")
        }
        let names = try names(environment["LISTEN_FDNAMES"], count: Int(count))
        var passed: [InheritedSocket] = []
        for (descriptor, index) in zip(first..<(first + count), 0...) {
            let name = names?[index] ?? "unknown"
            try check(descriptor, name: name)
            passed.append(InheritedSocket(name: name, descriptor: descriptor))
        }
        return passed
    }

    private static func check(_ descriptor: Int32, name: String) throws(OperatorError) {
        let what = "descriptor \(descriptor) (\"\(printable(name, atMost: 255))\")"
        // Set to be closed on exec before anything else, even if it turns out to be no socket.
        guard fcntl(descriptor, F_SETFD, FD_CLOEXEC) == 0 else {
            throw refusal(
                "LISTEN_FDS counts \(what), which is not open: what starts Gatehouse must pass as many sockets as "
                    + "LISTEN_FDS says, from descriptor \(firstDescriptor) on")
        }
        guard let problem = InheritedSocket.problem(descriptor) else { return }
        throw refusal(
            "\(what) \(problem): in the .socket unit with FileDescriptorName=\(printable(name, atMost: 255)), use "
                + "ListenStream= with a path or an address, and Accept=no")
    }

    /// `nil` if there are no names at all.
    private static func names(_ text: String?, count: Int) throws(OperatorError) -> [String]? {
        guard let text else { return nil }
        let names = text.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
        guard names.count == count else {
            throw refusal(
                "LISTEN_FDNAMES has \(names.count) names for \(count) sockets: look at FileDescriptorName= in the "
                    + ".socket units, and at what stands between systemd and Gatehouse in ExecStart=")
        }
        return names
    }

    private static func refusal(_ reason: String) -> OperatorError {
        OperatorError("cannot take the sockets that systemd passed: \(reason)", .configuration)
    }
}
