import Gatehouse
import GatehouseWeb

/// The pages of what goes wrong, with the site's own head.
enum Problems {
    static func pages(_ views: Views, mode: ModuleMode) -> ErrorPages<AppContext> {
        ErrorPages(mode: mode) { problem, _, context in
            // In development the plain page shows the error itself.
            guard problem.error == nil || problem.status.code < 500 else { return nil }
            let (heading, text) = words(problem)
            let page = ProblemPage(
                title: problem.title, heading: heading, text: text, status: problem.status.code,
                requestID: problem.requestID)
            return try views.page("problem", page, context)
        }
    }

    private struct ProblemPage: Encodable {
        var title: String
        var heading: String
        var text: String
        var status: Int
        var requestID: String
    }

    private static func words(_ problem: Problem) -> (heading: String, text: String) {
        switch problem.status {
        case .notFound: ("This is not here", "The page was deleted, or the address is wrong.")
        case .forbidden: ("Not from another site", "This came from another site's page, and nothing was done.")
        case .contentTooLarge: ("That is too large", "A picture may have 8 MB. Go back: your text is still there.")
        case .tooManyRequests: ("Too often", "Please wait a moment, and try again.")
        case let status where status.code >= 500: ("That did not work", "It is our fault. Please try again later.")
        default: (problem.title, problem.detail ?? "")
        }
    }
}
