import GatehousePlan
import GatehouseWire

/// The routes that one loop answers 503, each for a time.
struct QuarantineSet {
    private struct Route {
        var method: [UInt8]
        var path: [UInt8]
        /// Nanoseconds of the monotonic clock, for Retry-After: only the supervisor lifts a quarantine.
        var until: Int64
    }

    private let routes: [Route]

    init() { routes = [] }

    init(_ routes: [QuarantinedRoute], now: Int64) {
        self.routes = routes.map { route in
            // Clamped to a year, so that no absurd number can overflow.
            let seconds = Int64(min(max(1, route.retryAfter), 31_536_000))
            return Route(
                method: Array(route.method.utf8), path: Array(route.path.utf8), until: now + seconds * 1_000_000_000)
        }
    }

    var isEmpty: Bool { routes.isEmpty }

    /// The seconds until the end of the quarantine of that request's route, at least one; `nil` if it has none.
    /// - Parameter target: path and query, for a front server that sends no REQUEST_URI.
    func seconds(_ parameters: GatewayVariables, _ variables: CGIVariables, target: String, now: Int64) -> Int? {
        var seconds: Int?
        var target = target
        parameters.withIdentity(variables) { identity in
            if !identity.uri.isEmpty {
                return seconds = self.seconds(method: identity.method, uri: identity.uri, now: now)
            }
            target.withUTF8 {
                seconds = self.seconds(method: identity.method, uri: UnsafeRawBufferPointer($0), now: now)
            }
        }
        return seconds
    }

    /// - Parameter uri: path and query; what follows `?` does not count.
    private func seconds(method: UnsafeRawBufferPointer, uri: UnsafeRawBufferPointer, now: Int64) -> Int? {
        let path = uri.prefix { $0 != UInt8(ascii: "?") }
        guard let route = routes.first(where: { $0.method.elementsEqual(method) && $0.path.elementsEqual(path) }) else {
            return nil
        }
        return max(1, Int((route.until - now + 999_999_999) / 1_000_000_000))
    }
}
