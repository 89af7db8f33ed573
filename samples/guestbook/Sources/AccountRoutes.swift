import FoundationEssentials
import Gatehouse
import GatehouseWeb

/// Sign-up, sign-in and sign-out.
struct AccountRoutes: Sendable {
    let store: PersonStore
    let throttle: SignInThrottle
    let views: Views
    let passwords = PasswordHasher()

    func add(to router: Router<AppContext>) {
        router.get("/sign-up") { _, context in try signUpPage(.empty(), context) }
        router.post("/sign-up") { try await signUp($0, $1) }
        router.get("/sign-in") { request, context in
            try signInPage(.empty(), next: request.queryFields()["return"], context)
        }
        router.post("/sign-in") { try await signIn($0, $1) }
        router.post("/sign-out") { _, context in
            context.signOut()
            return Response.redirect(to: context.mountPath + "/", type: .normal)
        }
    }

    private struct Page: Encodable {
        var form: FormView
        var next: String?
    }

    private func signUpPage(_ submission: Submission<SignUpForm>, _ context: AppContext) throws -> Response {
        try views.page("sign-up", Page(form: submission.view), context, status: submission.status)
    }

    private func signUp(_ request: Request, _ context: AppContext) async throws -> Response {
        var submission = try await request.form(SignUpForm.self)
        guard let form = submission.value else { return try signUpPage(submission, context) }
        let person = Person(
            id: UUID(), name: form.name, email: form.email.lowercased(),
            password: try await passwords.hash(form.password))
        guard try await store.add(person) else {
            submission.fail("email", "There is an account with this address already.")
            return try signUpPage(submission, context)
        }
        context.signIn(person)
        context.flash("Welcome, \(person.name).")
        return .redirect(to: context.mountPath + "/", type: .normal)
    }

    private func signInPage(
        _ submission: Submission<SignInForm>, next: String?, _ context: AppContext
    ) throws -> Response {
        try views.page("sign-in", Page(form: submission.view, next: next), context, status: submission.status)
    }

    private func signIn(_ request: Request, _ context: AppContext) async throws -> Response {
        var submission = try await request.form(SignInForm.self)
        guard let form = submission.value else {
            return try signInPage(submission, next: submission.fields["next"], context)
        }
        let found = try await store.person(email: form.email)
        // As the store takes it: by another spelling, nobody's address would have more attempts than somebody's.
        let account = found?.id.signInText ?? form.email.lowercased()
        let person = try await throttle.attempt(account, from: context.gateway.remoteAddress) {
            // Without an account it takes the same time, so that nobody learns by a clock who has one.
            try await passwords.verify(form.password, against: found?.password) ? found : nil
        }
        guard let person else {
            submission.fail("", "Email and password do not fit together.")
            return try signInPage(submission, next: form.next, context)
        }
        context.signIn(person)
        // Only to a path of this host: a link to the sign-in page could name any address.
        return context.redirect(toLocal: form.next)
    }
}
