internal import Glibc

/// What a service can tell systemd (sd_notify(3)).
public enum ServiceNotice: Equatable, Sendable {
    /// Started, or done with a reload.
    case ready
    /// A reload has begun; ``ready`` ends it.
    case reloading
    case stopping
    /// One line for a person, shown by `systemctl status`.
    case status(String)
    /// What the service is doing may take this much longer, in microseconds from now.
    case extendTimeout(microseconds: Int)
    /// The service is well.
    case watchdog
    /// Another process is the service's main one from here on.
    case mainProcess(Int32)

    /// Lines of `NAME=value`.
    func fields(monotonicMicroseconds: Int) -> [String] {
        switch self {
        case .ready: ["READY=1"]
        // systemd tells by the time which reload it is that was announced (Type=notify-reload).
        case .reloading: ["RELOADING=1", "MONOTONIC_USEC=\(monotonicMicroseconds)"]
        case .stopping: ["STOPPING=1"]
        // systemd reads 4 KiB of a datagram, and a line's end would start another field.
        case .status(let text): ["STATUS=" + printable(text, atMost: 500)]
        case .extendTimeout(let microseconds): ["EXTEND_TIMEOUT_USEC=\(max(0, microseconds))"]
        case .watchdog: ["WATCHDOG=1"]
        case .mainProcess(let pid): ["MAINPID=\(pid)"]
        }
    }
}
