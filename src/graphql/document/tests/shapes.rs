//! The heaviest documents that are within the limits of bytes and tokens. The benchmarks read this file too.
#![expect(clippy::format_collect, clippy::too_many_lines, reason = "documents and tables of tests")]

/// Name, text, and whether it runs.
pub(crate) type Shape = (&'static str, String, bool);

pub(crate) fn heaviest() -> Vec<Shape> {
    let doubling = |last: &str| -> String {
        let fragments: String =
            (0..26).map(|n| format!(" fragment F{n} on Query{{...F{0} ...F{0}}}", n + 1)).collect();
        format!("{{...F0}}{fragments}{last}")
    };
    let nested_doubling: String =
        (0..26).map(|n| format!(" fragment F{n} on FilmEdge{{node{{id}} ...F{0} ...F{0}}}", n + 1)).collect();
    let repeat = |count: usize, part: &dyn Fn(usize) -> String| -> String { (0..count).map(part).collect() };
    vec![
        (
            "operations that share a fragment",
            {
                let operations = repeat(180, &|n| format!("query Q{n}{{...F}} "));
                format!("{operations}fragment F on Query{{film(id:1){{{}}}}}", "id ".repeat(900))
            },
            false,
        ),
        (
            "as many of them as may be",
            {
                let operations = repeat(30, &|n| format!("query Q{n}{{...F}} "));
                format!("{operations}fragment F on Query{{film(id:1){{{}}}}}", "id ".repeat(30))
            },
            true,
        ),
        (
            "free aliases",
            format!("{{{}}}", repeat(99, &|n| format!("a{n}:rateLimit{{limits{{name remaining}}}} "))),
            true,
        ),
        (
            "free aliases that are long",
            {
                let roots = repeat(49, &|n| format!("a{n}:rateLimit{{limits{{...F}}}} "));
                format!("{{{roots}}}fragment F on RateLimitWindow{{{}:name}}", "a".repeat(256))
            },
            true,
        ),
        (
            "as many of them in one list",
            {
                let long = "a".repeat(250);
                format!("{{rateLimit{{limits{{{}}}}}}}", repeat(99, &|n| format!("{long}{n}:name ")))
            },
            true,
        ),
        (
            "an alias that is longer",
            {
                let roots = repeat(49, &|n| format!("a{n}:rateLimit{{limits{{...F}}}} "));
                format!("{{{roots}}}fragment F on RateLimitWindow{{{}:name}}", "a".repeat(50_000))
            },
            false,
        ),
        ("doubled spreads", doubling(" fragment F26 on Query{__typename}"), false),
        ("doubled spreads of nothing", doubling(""), false),
        (
            "doubled fields",
            format!("{{films{{edges{{...F0}}}}}}{nested_doubling} fragment F26 on FilmEdge{{cursor}}"),
            false,
        ),
        (
            "overlapping arguments",
            {
                let arguments = repeat(300, &|n| format!("a{n}:1 "));
                format!(
                    "{{{} film({arguments}) {} {}}}",
                    "...{".repeat(25),
                    "film ".repeat(900),
                    "}".repeat(25)
                )
            },
            false,
        ),
        (
            "overlapping lists",
            {
                let list = "1 ".repeat(450);
                format!("{{randomFilm(exclude:[{list}]){{id}} randomFilm(exclude:[{list}]){{id}}}}")
            },
            true,
        ),
        (
            "overlapping objects",
            {
                let members = repeat(300, &|n| format!("m{n}:1 "));
                format!(
                    "{{films(filter:{{{members}}}){{edges{{cursor}}}} films(filter:{{{members}}}){{edges{{cursor}}}}}}"
                )
            },
            false,
        ),
        ("fields that are unknown", format!("{{{}}}", repeat(990, &|n| format!("x{n} "))), false),
        (
            "members that are unknown",
            format!("{{films(filter:{{{}}}){{edges{{cursor}}}}}}", repeat(600, &|n| format!("x{n}:1 "))),
            false,
        ),
        (
            "variables",
            {
                let definitions = repeat(200, &|n| format!("$v{n}:ID! "));
                let uses = repeat(200, &|n| format!("$v{n} "));
                format!("query({definitions}){{randomFilm(exclude:[{}]){{id}}}}", uses.repeat(2))
            },
            true,
        ),
        (
            "a chain of fragments",
            {
                let chain = repeat(97, &|n| format!(" fragment F{n} on Query{{...F{}}}", n + 1));
                format!("{{...F0}}{chain} fragment F97 on Query{{__typename}}")
            },
            true,
        ),
        (
            "a longer one",
            {
                let chain = repeat(98, &|n| format!(" fragment F{n} on Query{{...F{}}}", n + 1));
                format!("{{...F0}}{chain} fragment F98 on Query{{__typename}}")
            },
            false,
        ),
        ("commas", format!("{{me{{role}}{}}}", ",".repeat(60_000)), true),
        ("comments", format!("{{me{{role}}{}}}", "#\n".repeat(20_000)), true),
        ("a string", format!("{{film(id:\"{}\"){{id}}}}", "\\u{41}".repeat(9_000)), true),
        ("a string that is not closed", format!("{{film(id:\"\"\"{}", "\"\" ".repeat(12_000)), false),
        ("digits", format!("{{film(id:{}){{id}}}}", "9".repeat(60_000)), true),
    ]
}
