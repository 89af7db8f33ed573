/// The first byte of a uwsgi packet, modifier1, by the table of uWSGI's documentation.
///
/// 0 is a request. Some others are requests to a plugin of uWSGI, of the same form, for which a front server has been
/// configured (nginx: `uwsgi_modifier1 7;`): they get an answer, 501, that their operator sees. Everything else
/// (spooler, cache, signals, subscriptions, pings, remote calls, code to be run, and numbers that mean nothing) is no
/// request, and ends the connection without an answer.
enum UWSGIModifier {
    /// - Returns: `nil` for a request that may go on.
    static func refusal(of modifier: UInt8) throws(PeerViolation) -> Refusal? {
        if modifier == 0 { return nil }
        guard let plugin = plugin(modifier) else {
            let hint = ForeignProtocol.hint(modifier, at: "uwsgi")
            let detail = hint.isEmpty ? ", which begins no request (nginx: remove uwsgi_modifier1)" : hint
            throw PeerViolation(.badModifier, "\(modifier)\(detail)")
        }
        return Refusal(
            httpStatus: 501,
            reason: "modifier1 \(modifier), which asks uWSGI for \(plugin); the only one served is 0 (nginx: remove "
                + "uwsgi_modifier1)")
    }

    private static func plugin(_ modifier: UInt8) -> String? {
        switch modifier {
        case 5: "Perl"
        case 6: "Lua"
        case 7: "Ruby"
        case 8: "the JVM"
        case 9: "CGI"
        case 14: "PHP"
        case 15: "Mono"
        case 18: "a C symbol"
        case 23: "XSLT"
        case 24: "V8"
        case 25: "GridFS"
        case 26: "GlusterFS"
        case 30: "Python with SCRIPT_NAME taken off PATH_INFO"
        default: nil
        }
    }
}
