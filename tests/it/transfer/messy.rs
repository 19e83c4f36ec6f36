//! Files as people have them: nothing is left out or repaired without a word.

use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::Value;
use tempfile::TempDir;

use crate::support::{Server, Told};

struct Place(TempDir);

impl Place {
    fn new() -> Self {
        Self(TempDir::new().expect("a folder"))
    }

    fn folder(&self) -> &Path {
        self.0.path()
    }

    /// Imports a file into a database of its own; what was told, and the films that there are then.
    fn import(&self, name: &str, bytes: impl AsRef<[u8]>, more: &[&str]) -> (Told, Vec<Value>) {
        let file = self.folder().join(name);
        std::fs::write(&file, bytes).expect("a file");
        let database = self.folder().join(format!("{name}.db"));
        let _ = std::fs::remove_file(&database);
        let url = format!("sqlite://{}", database.display());
        let file = file.display().to_string();
        let told = Told::by_empty(self.folder(), &url, &[&["import", &file], more].concat());
        let films = Told::by(self.folder(), &url, &["export", "--format", "ndjson"]);
        let films = films.output.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
        (told, films)
    }
}

#[test]
fn a_column_is_its_field_whatever_its_case_and_blanks() {
    let place = Place::new();
    for (name, text, more) in [
        ("a.csv", "Name, STUDIO , Year,GENRES\nA,S,1999,x|y\n", &[][..]),
        ("b.csv", "\u{feff}name,studio,\u{a0}year\u{200b},genres\nA,S,1999,x|y\n", &[]),
        ("c.ndjson", r#"{"Name":"A"," studio":"S","Year":1999,"Genres":["x","y"]}"#, &[]),
        ("d.json", r#"[{"NAME":"A","Studio ":"S","yEAR":"1999","genres":["x","y"]}]"#, &[]),
        (
            "e.csv",
            "Film  Title,studio,release date,genres\nA,S,1999,x|y\n",
            &["--map", "name=film title,year=Release Date"],
        ),
    ] {
        let (told, films) = place.import(name, text, more);
        assert_eq!(told.counts(), [1, 0, 0, 0], "{name}: {}{}", told.output, told.errors);
        assert_eq!(
            (&films[0]["name"], &films[0]["year"], &films[0]["genres"]),
            (&"A".into(), &1999.into(), &serde_json::json!(["x", "y"])),
            "{name}"
        );
        assert!(!told.output.contains("ignored"), "{name}: {}", told.output);
    }
    // The very name comes first, and the other is told.
    let (told, films) = place.import("f.csv", "name,studio,Year,year\nA,S,1998,1999\n", &[]);
    assert_eq!(films[0]["year"], 1999);
    assert!(told.output.contains("ignored columns: \"Year\"\n"), "{}", told.output);
}

#[test]
fn ignored_columns_are_named_with_the_field_they_may_have_meant() {
    let place = Place::new();
    let csv = "id,name,studio,Release Date,yaer,Budget\n7,A,S,1999,1998,5\n";
    let told = place.import("a.csv", csv, &[]).0;
    let words = [
        "ignored columns: \"id\" (kept by --keep-ids), \"Release Date\" (is it the year? --map year=\"Release Date\")",
        "\"yaer\" (is it the year?",
        "\"Budget\"\n",
    ];
    for word in words {
        assert!(told.output.contains(word), "{word} is not in {}", told.output);
    }
    let told = place.import("b.csv", csv, &["--keep-ids", "--map", "year=Release Date"]).0;
    assert!(told.output.contains("ignored columns: \"yaer\", \"Budget\"\n"), "{}", told.output);
    // Members that only some rows have.
    let rows = "{\"name\":\"A\",\"studio\":\"S\"}\n{\"name\":\"B\",\"studio\":\"S\",\"genre\":\"x\"}\n{\"name\":\"C\",\"studio\":\"S\",\"genre\":\"x\"}";
    let told = place.import("c.ndjson", rows, &[]).0;
    assert!(told.output.contains("ignored columns: \"genre\" (is it the genres?"), "{}", told.output);
    // However many there are.
    let many: Vec<String> =
        (0..5_000).map(|n| format!("{{\"name\":\"F{n}\",\"studio\":\"S\",\"x{n}\":1}}")).collect();
    let told = place.import("d.ndjson", many.join("\n"), &[]).0;
    assert_eq!(told.counts(), [5_000, 0, 0, 0]);
    assert!(told.output.contains("\"x49\", and more\n") && told.output.len() < 2_000, "{}", told.output);
}

#[test]
fn rows_of_nothing_are_no_rows() {
    let place = Place::new();
    let csv = "name,studio,year\nA,S,1999\n,,\n  ,\t,\u{a0}\n\n   \n,,,,\nB,S,\n\"\",\"\",\"\"\n";
    let (told, films) = place.import("a.csv", csv, &["--on-error", "skip", "--report", "report"]);
    assert_eq!((told.counts(), films.len()), ([2, 0, 0, 0], 2), "{}", told.output);
    assert!(told.output.starts_with("2 rows of "), "{}", told.output);
    let (told, _) =
        place.import("b.ndjson", "{\"name\":\"A\",\"studio\":\"S\"}\n \t\n\u{a0}\u{3000}\n\u{feff}\n", &[]);
    assert_eq!(told.counts(), [1, 0, 0, 0], "{}{}", told.output, told.errors);
}

#[test]
fn a_list_in_a_cell_is_read_as_the_list_it_is() {
    let place = Place::new();
    let csv = [
        "name,studio,genres",
        r#"A,S,"[{""id"":18,""name"":""Drama""},{""id"":35,""name"":""Comedy""}]""#,
        r#"B,S,"[""Drama"", ""Comedy""]""#,
        r#"C,S,"{""id"": 18, ""Name"": ""Drama""}""#,
        r#"D,S,"[]""#,
        r#"E,S,"[{'id': 18, 'name': 'Drama'}]""#,
        r#"F,S,"[{""id"":18}]""#,
        r#"G,"[{""name"":""Pixar""}]",x"#,
        r#""[""H""]",S,x"#,
        "[REC],S,x",
        r"I,S,\[x]|y",
        r#"J,S,"['Drama'""#,
        r#""['K', ""L""]",S,x"#,
        r#"M,"{'Pixar', 'Disney'}",x"#,
    ]
    .join("\n");
    let (told, films) = place.import("a.csv", csv, &["--on-error", "skip"]);
    assert_eq!(told.counts(), [8, 0, 0, 5], "{}", told.output);
    let genres: Vec<(&Value, String)> = films
        .iter()
        .map(|film| {
            let genres = film["genres"].as_array().expect("genres").iter();
            (&film["name"], genres.map(|genre| genre.as_str().expect("a text")).collect::<Vec<_>>().join("+"))
        })
        .collect();
    let expected = [
        ("A", "Drama+Comedy"),
        ("B", "Drama+Comedy"),
        ("C", "Drama"),
        ("D", ""),
        ("E", "Drama"),
        ("G", "x"),
        ("[REC]", "x"),
        ("I", "[x]+y"),
    ];
    for ((name, genres), (wanted, joined)) in genres.iter().zip(expected) {
        assert_eq!((name.as_str(), genres.as_str()), (Some(wanted), joined));
    }
    for reason in [
        "genres begins like a list of JSON and is none",
        "genres/0 is neither text nor a number",
        "studio is neither",
        "name is neither",
    ] {
        assert!(told.output.contains(&format!("refused: {reason}")), "{reason}: {}", told.output);
    }
    // In JSON too, as a list of objects and as a text.
    let json = r#"[{"name":"A","studio":"S","genres":[{"id":18,"name":"Drama"},"Comedy"]},{"name":"B","studio":"S","genres":"[\"Drama\"]"},{"name":"C","studio":"S","genres":{"name":"Drama"}}]"#;
    let (told, films) = place.import("b.json", json, &[]);
    assert_eq!(told.counts(), [3, 0, 0, 0], "{}{}", told.output, told.errors);
    assert_eq!(films[0]["genres"], serde_json::json!(["Drama", "Comedy"]));
    assert_eq!(
        (&films[1]["genres"], &films[2]["genres"]),
        (&serde_json::json!(["Drama"]), &serde_json::json!(["Drama"]))
    );
}

#[test]
fn one_reason_is_one_line_and_rows_have_their_line() {
    let place = Place::new();
    let long =
        |length: usize| format!("{{\n  \"name\": \"{}\",\n  \"studio\": \"S\"\n}}", "x".repeat(length));
    let json = format!("\n\n[{},\n{},\n{}, 5]", long(201), long(300), long(1_000));
    let more = ["--on-error", "skip", "--report", "report"];
    let told = place.import("a.json", json, &more).0;
    let reasons: Vec<&str> =
        told.output.lines().filter(|line| line.starts_with(&" ".repeat(14))).map(str::trim).collect();
    assert_eq!(
        reasons,
        ["1 is not a JSON object", "3 name must have at most 200 characters, has …"],
        "{}",
        told.output
    );
    for line in [
        "row 1 (line 3): refused",
        "row 2 (line 7): refused",
        "row 3 (line 11): refused",
        "row 4 (line 14): refused",
    ] {
        assert!(told.output.contains(line), "{line} is not in {}", told.output);
    }
    let report = std::fs::read_to_string(place.folder().join("report")).expect("a report");
    assert!(report.lines().nth(1).is_some_and(|row| row.starts_with("{\"row\":2,\"line\":7,")), "{report}");
    let csv = "name,studio,year\nA,S\n\"B\nb\",S,1999\nC,S,1,2\n";
    let told = place.import("b.csv", csv, &["--on-error", "skip"]).0;
    assert!(told.output.contains("2 fields: …, where the header has 3\n"), "{}", told.output);
    assert!(told.output.contains("row 3 (line 5): refused"), "{}", told.output);
    // Whatever ends a line, whatever stands between two rows, and whatever breaks a cell.
    for (csv, line) in [
        ("name,studio\r\nA,S\r\n,S\r\n", 3),
        ("name,studio\nA,S\n\n\n,S\n", 5),
        ("name,studio\rA,S\r\r,S", 4),
        ("\r\n\nname,studio\r\n\r\n,S", 5),
        ("sep=;\r\nname;studio\r\nA;S\r\n;S", 4),
        ("sep=;\rname;studio\r;S", 3),
        ("name,studio,x\r\nA,S,\"a\r\nb\nc\rd\"\r\n,S,", 6),
        ("name,studio\n\"\r\n\",S\n,S", 2),
    ] {
        let told = place.import("d.csv", csv, &["--on-error", "stop"]).0;
        assert!(told.errors.contains(&format!("(line {line})")), "{csv:?}: {}", told.errors);
    }
    // And where a refusal ends it.
    place.import("c.csv", csv, &[]).0.failed(1, &["row 1 (line 2)"]);
}

#[test]
fn marks_of_no_value_and_other_delimiters() {
    let place = Place::new();
    let rows = "name,studio,year,genres\nA,S,\\N,N/A\nB,N/A,1999,x\nC,S,-,Drama|N/A\n";
    let nulls = ["--null", "\\N", "--null", "N/A", "--null", "-", "--default", "studio=Unknown"];
    let (told, films) = place.import("a.csv", rows, &nulls);
    assert_eq!(told.counts(), [3, 0, 0, 0], "{}{}", told.output, told.errors);
    assert_eq!((&films[0]["year"], &films[0]["genres"]), (&Value::Null, &serde_json::json!([])));
    assert_eq!(films[1]["studio"], "Unknown");
    assert_eq!(films[2]["genres"], serde_json::json!(["Drama"]));
    let (told, films) =
        place.import("b.ndjson", r#"{"name":"A","studio":"S","year":"N/A","genres":["x","N/A"]}"#, &nulls);
    assert_eq!(told.counts(), [1, 0, 0, 0], "{}{}", told.output, told.errors);
    assert_eq!((&films[0]["year"], &films[0]["genres"]), (&Value::Null, &serde_json::json!(["x"])));
    for (name, text, more) in [
        ("c.csv", "name;studio;year\nA, B;S;1999\n", &["--delimiter", ";"][..]),
        ("d.txt", "name\tstudio\tyear\nA, B\tS\t1999\n", &["--delimiter", "tab"]),
        ("e.tsv", "name\tstudio\tyear\nA, B\tS\t1999\n", &[]),
        ("f.TAB", "name\tstudio\tyear\nA, B\tS\t1999\n", &[]),
        ("g.csv", "name|studio|year\nA, B|S|1999\n", &["--delimiter", "|"]),
        // As Excel is told by a line before the header.
        ("sep1.csv", "sep=;\nname;studio;year\nA, B;S;1999\n", &[]),
        ("sep2.csv", "\u{feff}\"SEP=|\"\r\nname|studio|year\r\nA, B|S|1999\r\n", &[]),
        ("sep3.csv", "sep=\t\r\nname\tstudio\tyear\r\nA, B\tS\t1999\r\n", &[]),
    ] {
        let (told, films) = place.import(name, text, more);
        assert_eq!(told.counts(), [1, 0, 0, 0], "{name}: {}{}", told.output, told.errors);
        assert_eq!((&films[0]["name"], &films[0]["year"]), (&"A, B".into(), &1999.into()), "{name}");
    }
    let text = "sep=;\nname;studio\nA;S\n;S\n";
    place.import("sep4.csv", text, &[]).0.failed(1, &["row 2 (line 4)"]);
    // Who forgets it is told.
    place.import("h.csv", "name;studio\nA;S\n", &[]).0.failed(1, &["--delimiter ';'"]);
    place.import("i.csv", "name\tstudio\nA\tS\n", &[]).0.failed(1, &["--delimiter tab"]);
    for wrong in
        [&["--delimiter", "ab"][..], &["--delimiter", "a"], &["--delimiter", ""], &["--delimiter", "é"]]
    {
        assert_eq!(place.import("j.csv", "", wrong).0.code, Some(2), "{wrong:?}");
    }
    assert_eq!(place.import("k.json", "[]", &["--delimiter", ";"]).0.code, Some(2));
}

#[test]
fn what_is_no_text_is_told_by_its_name() {
    let place = Place::new();
    let utf16 = |begin: &[u8], text: &str, bytes: fn(u16) -> [u8; 2]| {
        [begin, &text.encode_utf16().flat_map(bytes).collect::<Vec<u8>>()].concat()
    };
    let csv = "name,studio\nA,S\n";
    let utf32 = |begin: &[u8], text: &str, bytes: fn(u32) -> [u8; 4]| {
        [begin, &text.chars().map(u32::from).flat_map(bytes).collect::<Vec<u8>>()].concat()
    };
    for (name, bytes, words) in [
        ("a.csv", b"\x1f\x8b\x08\x00\x00\x00\x00\x00".to_vec(), &["gzip", "gunzip"][..]),
        ("b.json", b"\x28\xb5\x2f\xfd\x00".to_vec(), &["zstd"]),
        ("c.csv", b"PK\x03\x04\x14\x00".to_vec(), &["workbook", "CSV"]),
        ("d.csv", utf16(b"\xff\xfe", csv, u16::to_le_bytes), &["UTF-16", "iconv"]),
        ("e.csv", utf16(b"\xfe\xff", csv, u16::to_be_bytes), &["UTF-16", "iconv"]),
        ("f.ndjson", utf16(b"", "{\"name\":\"A\"}", u16::to_le_bytes), &["UTF-16", "iconv"]),
        ("g.csv", utf16(b"", csv, u16::to_be_bytes), &["UTF-16", "iconv"]),
        ("h.csv", utf32(b"\xff\xfe\0\0", csv, u32::to_le_bytes), &["UTF-32", "iconv"]),
        ("i.csv", utf32(b"\0\0\xfe\xff", csv, u32::to_be_bytes), &["UTF-32", "iconv"]),
        ("j.csv", utf32(b"", csv, u32::to_le_bytes), &["UTF-32", "iconv"]),
        ("k.csv", utf32(b"", csv, u32::to_be_bytes), &["UTF-32", "iconv"]),
        // By how they begin, since their endings tell no format.
        ("films.csv.gz", b"\x1f\x8b\x08\x00".to_vec(), &["packed by gzip", "gunzip"]),
        ("films.xlsx", b"PK\x03\x04\x14\x00".to_vec(), &["workbook", "CSV"]),
        ("films.zip", b"PK\x03\x04\x14\x00".to_vec(), &["ZIP", "unpack"]),
        ("films.xls", b"\xd0\xcf\x11\xe0\xa1".to_vec(), &["workbook", "CSV"]),
        ("films.sqlite", b"SQLite format 3\0".to_vec(), &["database of SQLite"]),
        ("films.parquet", b"PAR1\x15".to_vec(), &["Parquet"]),
    ] {
        let (told, films) = place.import(name, bytes, &[]);
        told.failed(1, words);
        assert!(films.is_empty(), "{name}");
    }
}

#[test]
fn years_as_people_write_them_and_what_is_put_right_is_counted() {
    let place = Place::new();
    let mut csv = "name,studio,year\n".to_owned();
    let years = [
        ("(1995)", 1995, ""),
        ("1995.00", 1995, ""),
        ("2013-2023", 2013, "of the years to 2023 the first was taken, 2013"),
        ("2013–", 2013, ""),
        ("Dec 31 2096", 1996, "year 2096 lies in the future and was taken as 1996"),
        ("Dec 31 1999", 1999, ""),
    ];
    for (number, (year, ..)) in years.iter().enumerate() {
        csv.push_str(&format!("F{number},S,{year}\n"));
    }
    // A date that is announced is what it says: Christmas of a year from now, whenever this is run.
    let next = films_of_next_year(&place);
    csv.push_str(&format!("Next,S,{next}-12-24\n"));
    let (told, films) = place.import("a.csv", csv, &["--report", "report"]);
    assert_eq!(told.counts(), [7, 0, 0, 0], "{}{}", told.output, told.errors);
    assert_eq!(films[6]["year"], next);
    // A part of a year is none.
    for (name, text) in [
        ("b.csv", "name,studio,year\nA,S,1995.5\n"),
        ("c.csv", "name,studio,year\nA,S,1995.12\n"),
        ("d.ndjson", r#"{"name":"A","studio":"S","year":1995.5}"#),
    ] {
        place.import(name, text, &[]).0.failed(1, &["row 1"]);
    }
    assert!(told.output.contains("2 years of added or updated rows were corrected"), "{}", told.output);
    for ((_, year, reason), film) in years.iter().zip(&films) {
        assert_eq!(film["year"], *year);
        assert!(
            reason.is_empty() || told.output.contains(&format!("added: {reason}")),
            "{reason}: {}",
            told.output
        );
    }
}

/// By what the service says of a year that lies too far ahead.
fn films_of_next_year(place: &Place) -> i64 {
    let told = place.import("far.ndjson", r#"{"name":"A","studio":"S","year":1500}"#, &[]).0;
    let latest = told.errors.split(" and ").nth(1).and_then(|rest| rest.get(..4)).expect("a year");
    latest.parse::<i64>().expect("a number") - 4
}

#[test]
fn an_export_that_nobody_reads_on_ends_in_silence() {
    let place = Place::new();
    let url = format!("sqlite://{}", place.folder().join("x.db").display());
    let lines: Vec<String> =
        (0..5_000).map(|n| format!("{{\"name\":\"Film {n}\",\"studio\":\"S\"}}")).collect();
    let file = place.folder().join("x.ndjson");
    std::fs::write(&file, lines.join("\n")).expect("a file");
    Told::by(place.folder(), &url, &["import", &file.display().to_string()]).done();
    for format in ["json", "ndjson", "csv"] {
        let mut export = Server::command(place.folder())
            .args(["export", "--format", format])
            .env("FILMGATE_DATABASE_URL", &url)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program starts");
        let head = Command::new("head").arg("-1").stdin(export.stdout.take().expect("a pipe")).output();
        assert!(!head.expect("head runs").stdout.is_empty());
        let told = Told::of(export.wait_with_output().expect("an end"));
        assert_eq!((told.code, told.errors.as_str()), (Some(0), ""), "{format}");
    }
}

/// Nobody can tell which of two values is meant.
#[test]
fn a_member_that_is_given_twice_is_refused() {
    let place = Place::new();
    let rows = "{\"name\":\"A\",\"studio\":\"S\",\"name\":\"B\"}\n{\"name\":\"C\",\"studio\":\"S\"}\n";
    for (name, text) in [("a.ndjson", rows.to_owned()), ("b.json", rows.to_owned())] {
        let (told, films) = place.import(name, text, &["--on-error", "skip"]);
        assert_eq!(told.counts(), [1, 0, 0, 1], "{}{}", told.output, told.errors);
        assert!(told.output.contains("gives \"name\" twice"), "{}", told.output);
        assert_eq!(films[0]["name"], "C");
    }
}

/// A name has one studio: of several the first, and it is said; of none the default.
#[test]
fn of_a_list_of_studios_the_first_is_taken() {
    let place = Place::new();
    let csv = [
        "name,studio",
        r#"A,"[{""name"":""Pixar"",""id"":3},{""name"":""Disney"",""id"":2}]""#,
        r#"B,"['Toho']""#,
        "C,[]",
        r#"D,"[{""id"":3}]""#,
        "E,[REC]",
    ]
    .join("\n");
    let report = place.folder().join("report.ndjson").display().to_string();
    let more = ["--default", "studio=Unknown", "--on-error", "skip", "--report", &report];
    let (told, films) = place.import("a.csv", csv, &more);
    assert_eq!(told.counts(), [4, 0, 0, 1], "{}", told.output);
    let studios: Vec<&Value> = films.iter().map(|film| &film["studio"]).collect();
    assert_eq!(studios, ["Pixar", "Toho", "Unknown", "[REC]"]);
    let report = std::fs::read_to_string(report).expect("a report");
    assert!(report.contains("of several studios the first was taken, Pixar"), "{report}");
    let json = r#"[{"name":"A","studio":[{"name":"Pixar"},"Disney"]},{"name":"B","studio":["Toho"]}]"#;
    let (told, films) = place.import("b.json", json, &[]);
    assert_eq!(told.counts(), [2, 0, 0, 0], "{}{}", told.output, told.errors);
    assert_eq!((&films[0]["studio"], &films[1]["studio"]), (&"Pixar".into(), &"Toho".into()));
}

#[test]
fn a_year_in_a_name_is_one_where_that_is_asked_for() {
    let place = Place::new();
    let names = [
        ("Toy Story (1995)", "Toy Story", Some(1995)),
        ("Brazil (Director's Cut) (1985) ", "Brazil (Director's Cut)", Some(1985)),
        ("Fawlty Towers (1975\u{2013}1979)", "Fawlty Towers", Some(1975)),
        ("Birdman or (The Unexpected Virtue)", "Birdman or (The Unexpected Virtue)", None),
        ("(1999)", "(1999)", None),
        ("Se7en (19951)", "Se7en (19951)", None),
    ];
    let csv = format!("name,studio\n{}", names.map(|(name, ..)| format!("{name},S\n")).concat());
    let (told, films) = place.import("a.csv", &csv, &["--year-in-name", "--on-error", "skip"]);
    let found: Vec<(&str, Option<i64>)> =
        films.iter().map(|film| (film["name"].as_str().expect("a name"), film["year"].as_i64())).collect();
    // Five digits are no year, and nobody is made to believe otherwise.
    let refused = told.counts()[3];
    let wanted: Vec<(&str, Option<i64>)> = names.iter().map(|(_, name, year)| (*name, *year)).collect();
    assert_eq!((found, refused), (wanted, 0), "{}", told.output);
    let (_, films) = place.import("b.csv", &csv, &[]);
    assert_eq!(films[0]["name"], "Toy Story (1995)");
    // A column of years is what counts.
    let (_, films) = place.import("c.csv", "name,studio,year\nA (1990),S,2001\n", &["--year-in-name"]);
    assert_eq!((&films[0]["name"], &films[0]["year"]), (&"A (1990)".into(), &2001.into()));
}

#[test]
fn quotes_and_separators_mean_what_is_said_of_them() {
    let place = Place::new();
    let tsv = "name\tstudio\tgenres\n\"Giliap\tS\tCrime,Drama\nB \"x\"\tS\tDrama\n";
    let more = ["--no-quotes", "--genre-separator", ","];
    let (told, films) = place.import("a.tsv", tsv, &more);
    assert_eq!(told.counts(), [2, 0, 0, 0], "{}{}", told.output, told.errors);
    assert_eq!((&films[0]["name"], &films[1]["name"]), (&"\"Giliap".into(), &"B \"x\"".into()));
    assert_eq!(films[0]["genres"], serde_json::json!(["Crime", "Drama"]));
    let (told, _) = place.import("b.tsv", "name\tstudio\n\"Giliap\tS\nB\tS\n", &["--on-error", "skip"]);
    assert!(told.output.contains("say --no-quotes"), "{}", told.output);
    for flag in [&["--no-quotes"][..], &["--genre-separator", ","], &["--delimiter", ";"]] {
        let (told, _) = place.import("c.json", "[]", flag);
        told.failed(2, &[flag[0], "is for CSV"]);
    }
}
