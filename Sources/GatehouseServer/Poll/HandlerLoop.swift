import CGatehouseSystem
package import GatehouseSystem
import Synchronization

/// An event loop that handlers run on, for clients of C libraries that wait on descriptors: a database, a cache, an
/// HTTP client.
///
/// A handler finds the loop that runs it by ``current``. The descriptors that it watches there are reported on the same
/// thread, so such a client needs no lock and no other thread:
///
/// ```swift
/// func reply(on descriptor: Int32) async throws -> Int {
///     guard let loop = HandlerLoop.current else { throw NotOnALoop() }
///     return try await withCheckedThrowingContinuation { continuation in
///         do {
///             var watch: DescriptorWatch?
///             watch = try loop.watch(descriptor, for: .readable) { _ in
///                 watch?.end()
///                 continuation.resume(returning: receive(from: descriptor))
///             }
///         } catch {
///             continuation.resume(throwing: error)
///         }
///     }
/// }
/// ```
///
/// A continuation that an action resumes goes on in the same turn of the loop, after all descriptors that were ready.
/// An action must not block: it holds every connection of its loop.
public struct HandlerLoop: Sendable {
    private let poll: PollLoop

    /// The loop that runs the caller; `nil` on any other thread, as in a module's `init`, its services, and handlers
    /// that are not ``HandlerExecution/eventLoop``.
    public static var current: HandlerLoop? {
        PollLoop.current.map { HandlerLoop($0) }
    }

    /// A loop of the process for whoever runs on none. It is started by the first use, and serves no connections.
    package static func background() throws(SystemError) -> HandlerLoop {
        try sharedBackground.withLock { shared throws(SystemError) in
            if let shared { return shared }
            let loop = try started()
            shared = loop
            return loop
        }
    }

    private static let sharedBackground = Mutex<HandlerLoop?>(nil)

    /// - Throws: if the operating system has no descriptor or thread left.
    package static func started() throws(SystemError) -> HandlerLoop {
        let poll = try PollLoop()
        try poll.start()
        return HandlerLoop(poll)
    }

    package init(_ poll: PollLoop) {
        self.poll = poll
    }

    /// Whether the caller runs on this loop's thread.
    public var isCurrent: Bool { poll.isCurrent }

    /// A value that no other loop of the process has.
    package var id: ObjectIdentifier { ObjectIdentifier(poll) }

    /// Ends the thread of a loop that was made by ``started()``.
    package func stop() { poll.stop() }

    /// Calls `action` on the loop for as long as `descriptor` is ready (level-triggered), until the watch ends. One
    /// registration serves for the descriptor's whole life. On the loop only.
    /// - Parameters:
    ///   - descriptor: an open descriptor, which stays the caller's and must outlive the watch. It can have one watch
    ///     at a time on a loop.
    ///   - readiness: the readiness to wait for; ``Readiness/gone`` is always reported.
    ///   - action: is given what the descriptor is ready for.
    /// - Throws: ``WatchError`` if the operating system refuses, as it does for an ordinary file, for a descriptor that
    ///   is watched already, and for one that is not open.
    public func watch(
        _ descriptor: Int32, for readiness: Readiness, _ action: @escaping (Readiness) -> Void
    ) throws(WatchError) -> DescriptorWatch {
        precondition(isCurrent, "HandlerLoop.watch is called on another thread than the loop's")
        let watch = DescriptorWatch(poll, descriptor, readiness, action)
        guard watch.begin() else { throw WatchError(SystemError("cannot wait for descriptor \(descriptor)")) }
        return watch
    }

    /// Runs `action` on the loop at its next turn. From any thread.
    public func run(_ action: @escaping @Sendable () -> Void) {
        poll.execute(action)
    }

    /// Runs `action` on the loop after a delay, to the millisecond. On the loop only.
    /// - Returns: the timer, with which the action can be cancelled; nobody need keep it.
    @discardableResult
    public func after(_ delay: Duration, _ action: @escaping () -> Void) -> LoopTimer {
        precondition(isCurrent, "HandlerLoop.after is called on another thread than the loop's")
        return poll.after(nanoseconds: delay.nanoseconds, action)
    }
}

/// The readiness of a descriptor, reported or waited for.
public struct Readiness: OptionSet, Sendable {
    /// The set's bits.
    public var rawValue: UInt32

    /// Makes a set of its bits.
    public init(rawValue: UInt32) { self.rawValue = rawValue }

    /// Bytes, or the end of the stream, can be read.
    public static let readable = Readiness(rawValue: PollEvents.readable.rawValue)
    /// Bytes can be written.
    public static let writable = Readiness(rawValue: PollEvents.writable.rawValue)
    /// The peer is gone altogether, or the descriptor failed. Always reported, never asked for, and at every turn of
    /// the loop until the watch ends.
    public static let gone = Readiness(rawValue: PollEvents.gone.rawValue)
}

/// A descriptor that a loop watches. On the loop only. A watch lasts until ``end()``, even if nobody keeps it.
public final class DescriptorWatch: PollSource {
    private let poll: PollLoop
    private let descriptor: Int32
    private var readiness: Readiness
    private var action: ((Readiness) -> Void)?
    private var token: PollToken?

    init(_ poll: PollLoop, _ descriptor: Int32, _ readiness: Readiness, _ action: @escaping (Readiness) -> Void) {
        self.poll = poll
        self.descriptor = descriptor
        self.readiness = readiness
        self.action = action
    }

    fileprivate func begin() -> Bool {
        token = poll.add(descriptor, self, interest: PollEvents(rawValue: readiness.rawValue))
        return token != nil
    }

    /// Waits for another readiness from now on; an empty set reports only ``Readiness/gone``.
    public func change(to readiness: Readiness) {
        guard let token, readiness != self.readiness else { return }
        self.readiness = readiness
        poll.change(token, interest: PollEvents(rawValue: readiness.rawValue))
    }

    /// Ends the watch; the action is not called again. Must come before the descriptor is closed. A second call does
    /// nothing.
    public func end() {
        guard let token else { return }
        self.token = nil
        action = nil
        poll.remove(token)
    }

    func ready(for events: PollEvents) {
        action?(Readiness(rawValue: events.rawValue))
    }
}

/// The operating system's refusal to watch a descriptor.
public struct WatchError: Error, Sendable, CustomStringConvertible {
    /// The refusal and its reason.
    public let description: String

    init(_ error: SystemError) { description = "\(error)" }
}
