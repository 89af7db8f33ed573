import HTTPTypes
public import Hummingbird

/// One page of a list. A template reads it, and a handler that returns it answers with it as JSON.
public struct Page<Item: Sendable>: Sendable {
    /// The page's items, in the list's order.
    public let items: [Item]

    /// The page's number, from 1; `nil` for keyset pages, which have none.
    public let number: Int?

    /// The link to the next page, relative to this one: `?tag=a&page=3`; `nil` at the end. It is safe in an attribute
    /// once it is escaped, as a template does by itself.
    public let next: String?

    /// The link to the previous page; `nil` at the beginning.
    public let previous: String?

    /// Whether there is a further page.
    public var hasNext: Bool { next != nil }

    /// Whether there is a page before.
    public var hasPrevious: Bool { previous != nil }

    /// The page with other items, such as the rows of a template.
    public func map<Other: Sendable>(_ transform: (Item) throws -> Other) rethrows -> Page<Other> {
        Page<Other>(items: try items.map(transform), number: number, next: next, previous: previous)
    }

    /// The header `Link` with both links (RFC 8288), for programs; `nil` if there is no other page.
    public var linkHeader: String? {
        let links = [(previous, "prev"), (next, "next")].compactMap { link, relation in
            link.map { "<\($0)>; rel=\"\(relation)\"" }
        }
        return links.isEmpty ? nil : links.joined(separator: ", ")
    }
}

extension Page: Encodable where Item: Encodable {}
extension Page: ResponseGenerator where Item: Encodable {}
extension Page: ResponseEncodable where Item: Encodable {}
