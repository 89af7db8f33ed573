import FoundationEssentials
import GatehouseWeb
import Testing

/// Files and their like, which come beside a form's texts.
struct FormAttachmentTests {
    struct Picture: FormAttachment, Equatable {
        var bytes: Int
        var isEmpty: Bool { bytes == 0 }
        static var placeholder: Picture { Picture(bytes: 0) }
    }

    struct Sound: FormAttachment, Equatable {
        var seconds = 0
        var isEmpty: Bool { seconds == 0 }
        static var placeholder: Sound { Sound() }
    }

    struct Post: Form {
        struct Page: Form { var picture: Picture?, title: String? }

        var title: String
        var sound: Sound
        var picture: Picture?
        var all: [Picture]
        var pages: [Page]
        var text: String
    }

    private func fields(_ text: String, _ attach: (inout FormFields) -> Void = { _ in }) throws -> FormFields {
        var fields = try FormFields(urlEncoded: text)
        attach(&fields)
        return fields
    }

    @Test func `a file is found by its name, the last that was chosen`() throws {
        let post = try Submission<Post>(
            fields("title=a&text=b&picture=no&pages[1].title=x") {
                $0.attach("sound", Sound(seconds: 3))
                for bytes in [1, 2, 0] { $0.attach("picture", Picture(bytes: bytes)) }
                for bytes in [4, 0, 5] { $0.attach("all", Picture(bytes: bytes)) }
                $0.attach("pages[0].picture", Picture(bytes: 6))
                $0.attach("pages[2].picture", Picture(bytes: 0))
            }
        ).valid()
        #expect(post.picture == Picture(bytes: 2) && post.sound.seconds == 3)
        #expect(post.all == [Picture(bytes: 4), Picture(bytes: 5)])
        #expect(post.pages.map(\.picture?.bytes) == [6, nil] && post.pages.map(\.title) == [nil, "x"])
    }

    @Test func `a file that was not chosen is missing, and a text is no file`() throws {
        let submission = try Submission<Post>(
            fields("picture=x&sound=y") {
                $0.attach("picture", Picture(bytes: 0))
                $0.attach("title", Picture(bytes: 1))
            })
        #expect(Set(submission.errors.fields) == ["title", "sound", "text"])
        #expect(submission.view.field("sound").isRequired && !submission.view.field("picture").isRequired)
        #expect(submission.view.field("text").isRequired && submission.view.field("pages[0].title").values == [])
    }

    struct Needed: Form {
        var picture: Picture, file: UploadedFile, title: String

        func validate(_ check: FormCheck) {
            check("file", file).satisfies("Give a picture.") { $0.imageType != nil }
        }
    }

    @Test func `a missing file is one fault of all that are found`() throws {
        let errors = try Submission<Needed>(FormFields()).errors
        #expect(errors.fields == ["picture", "file", "title"])
        #expect(errors.fields.allSatisfy { errors.faults(of: $0) == [.required] })
        #expect(throws: DecodingError.self) { try JSONDecoder().decode(Picture.self, from: Data("{}".utf8)) }
    }
}
