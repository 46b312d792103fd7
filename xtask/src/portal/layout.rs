//! The portal's folder: which file goes where under which name, and the page that ties them together. Not: compression and
//! sizes (see `size.rs`).

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result, ensure};
use sha2::{Digest as _, Sha256};

use super::{plain, split, split::Parts};

/// What [`Layout::write`] made.
pub struct Layout {
    /// What a browser must have before the first page stands, relative to the folder.
    pub first_load: Vec<String>,
    /// What each page needs besides what all need.
    pub pages: BTreeMap<String, Vec<String>>,
}

/// The paths the page needs, as a browser asks for them.
struct Paths {
    css: String,
    boot: String,
    glue: String,
    link: String,
    wasm: String,
}

impl Layout {
    /// Lays out `whole` from the sources in `web`, what wasm-bindgen left in `glue`, and the parts of the program.
    ///
    /// # Errors
    /// When the template or a placeholder is missing, or a file can't be read or written.
    pub fn write(web: &Path, glue: &Path, parts: &Parts, whole: &Path) -> Result<Self> {
        let pkg = whole.join("pkg");
        fs::create_dir_all(&pkg)?;
        let snippets = glue.join("snippets");
        if snippets.exists() {
            copy_tree(&snippets, &pkg.join("snippets"))?;
        }
        let program = Program::write(glue, parts, &pkg)?;
        let sheets = Sheets::read(&web.join("styles"))?;
        let css = add(&pkg, "styles", "css", &sheets.first)?;
        let later = (!sheets.later.is_empty()).then(|| add(&pkg, "pages", "css", &sheets.later)).transpose()?;
        let boot = boot_script(&program.js, &program.wasm, later.as_deref());
        let boot = add(&pkg, "boot", "js", boot.as_bytes())?;
        let assets = web.join("assets");
        if assets.exists() {
            copy_tree(&assets, &whole.join("assets"))?;
        }
        let template = web.join("index.html");
        let template = fs::read_to_string(&template).with_context(|| format!("read {}", template.display()))?;
        let first_load: Vec<String> = ["index.html"]
            .into_iter()
            .chain([&css, &boot, &program.js, &program.link, &program.wasm].map(|p| p.trim_start_matches('/')))
            .map(str::to_owned)
            .collect();
        let paths = Paths { css, boot, glue: program.js, link: program.link, wasm: program.wasm };
        fs::write(whole.join("index.html"), page(&template, &paths)?)?;
        Ok(Self { first_load, pages: program.pages })
    }
}

/// The program's files, all under one hash: a part fits no other build's.
struct Program {
    js: String,
    link: String,
    wasm: String,
    pages: BTreeMap<String, Vec<String>>,
}

impl Program {
    fn write(glue: &Path, parts: &Parts, pkg: &Path) -> Result<Self> {
        let read = |path: &Path| fs::read(path).with_context(|| format!("read {}", path.display()));
        let js = plain::script(&String::from_utf8(read(&glue.join("web.js"))?).context("the glue is no text")?);
        let link = plain::script(&String::from_utf8(read(&parts.link)?).context("the link script is no text")?);
        let wasm = read(&glue.join("web_bg.wasm"))?;
        let mut hash = Sha256::new();
        for content in [js.as_bytes(), link.as_bytes(), &wasm] {
            hash.update(content);
        }
        let mut files = Vec::new();
        for part in &parts.parts {
            let stem = part.file_stem().and_then(|s| s.to_str()).context("a part without a name")?;
            let content = read(part)?;
            hash.update(&content);
            files.push((stem, content));
        }
        let hash = &format!("{:x}", hash.finalize())[..8];

        // The scripts name each other: within one folder, so that every place reads the same address.
        let js = renamed(&js, &format!("from \"{}\"", split::LINK), &format!("from \"./split-{hash}.js\""))?;
        let mut link = renamed(&link, split::MAIN, &format!("./web-{hash}.js"))?;
        for (stem, content) in &files {
            link = renamed(&link, &format!("\"./{stem}.wasm\""), &format!("\"./{stem}-{hash}.wasm\""))?;
            fs::write(pkg.join(format!("{stem}-{hash}.wasm")), content)?;
        }
        for (name, content) in [("web", js), ("split", link)] {
            fs::write(pkg.join(format!("{name}-{hash}.js")), content)?;
        }
        fs::write(pkg.join(format!("web-{hash}.wasm")), wasm)?;
        let file = |stem: &String| format!("pkg/{stem}-{hash}.wasm");
        let pages = parts.pages.iter().map(|(page, stems)| (page.clone(), stems.iter().map(file).collect())).collect();
        Ok(Self {
            js: format!("/pkg/web-{hash}.js"),
            link: format!("/pkg/split-{hash}.js"),
            wasm: format!("/pkg/web-{hash}.wasm"),
            pages,
        })
    }
}

/// Puts another name into a script; a script that doesn't have the first is not the one we know.
fn renamed(script: &str, from: &str, to: &str) -> Result<String> {
    ensure!(script.contains(from), "a script does not name {from}");
    Ok(script.replace(from, to))
}

/// Writes a file under a name that changes with its content; returns the path a browser asks for.
fn add(pkg: &Path, stem: &str, ending: &str, content: &[u8]) -> Result<String> {
    let hash = format!("{:x}", Sha256::digest(content));
    let name = format!("{stem}-{}.{ending}", &hash[..8]);
    fs::write(pkg.join(&name), content)?;
    Ok(format!("/pkg/{name}"))
}

/// Fetches the looks of the pages beside the program, behind it in line, and starts that. What a script adds does not hold up the
/// first paint. A page may show what went wrong by the attribute `data-boot="failed"` of its root.
fn boot_script(glue: &str, wasm: &str, later: Option<&str>) -> String {
    let later = later.map_or_else(String::new, |css| {
        format!(
            "const pages = document.createElement(\"link\");\n\
             pages.rel = \"stylesheet\";\npages.fetchPriority = \"low\";\npages.href = \"{css}\";\n\
             document.head.append(pages);\n"
        )
    });
    format!(
        "import init from \"{glue}\";\n{later}\
         init({{ module_or_path: \"{wasm}\" }}).catch((error) => {{\n  \
         document.documentElement.dataset.boot = \"failed\";\n  \
         console.error(error);\n}});\n"
    )
}

/// The style sheets, those of a kind in the order of their names.
struct Sheets {
    /// What the first page needs.
    first: Vec<u8>,
    /// What lies in the folder `pages`: looks of parts that only pages with code of their own have.
    later: Vec<u8>,
}

impl Sheets {
    fn read(dir: &Path) -> Result<Self> {
        let mut sheets = Self { first: Vec::new(), later: Vec::new() };
        for file in files_below(dir)?.iter().filter(|f| f.extension().is_some_and(|e| e == "css")) {
            let all = if file.starts_with(dir.join("pages")) { &mut sheets.later } else { &mut sheets.first };
            let sheet = fs::read_to_string(file).with_context(|| format!("read {}", file.display()))?;
            all.extend(plain::style(&sheet).bytes());
        }
        Ok(sheets)
    }
}

fn page(template: &str, paths: &Paths) -> Result<String> {
    let mut page = template.to_owned();
    for (name, path, needed) in [
        ("css", &paths.css, true),
        ("js", &paths.boot, true),
        ("glue", &paths.glue, false),
        ("link", &paths.link, false),
        ("wasm", &paths.wasm, false),
    ] {
        let placeholder = format!("{{{{{name}}}}}");
        if page.contains(&placeholder) {
            // Someone may have written the leading slash already.
            page = page.replace(&format!("/{placeholder}"), path).replace(&placeholder, path);
            continue;
        }
        ensure!(!needed, "web/index.html names no {placeholder}");
        let link = match name {
            "glue" | "link" => format!("<link rel=\"modulepreload\" href=\"{path}\">\n"),
            _ => format!("<link rel=\"preload\" href=\"{path}\" as=\"fetch\" type=\"application/wasm\" crossorigin>\n"),
        };
        let at = page.find("</head>").context("web/index.html has no </head>")?;
        page.insert_str(at, &link);
    }
    Ok(page)
}

/// All files below a folder, in the order of their paths; empty when there is no such folder.
pub fn files_below(dir: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let mut open = vec![dir.to_path_buf()];
    while let Some(dir) = open.pop() {
        if !dir.exists() {
            continue;
        }
        for entry in fs::read_dir(&dir).with_context(|| format!("read {}", dir.display()))? {
            let path = entry?.path();
            if path.is_dir() { open.push(path) } else { found.push(path) }
        }
    }
    found.sort();
    Ok(found)
}

fn copy_tree(from: &Path, to: &Path) -> Result<()> {
    for file in files_below(from)? {
        let target = to.join(file.strip_prefix(from)?);
        if let Some(parent) = target.parent() {
            fs::create_dir_all(parent)?;
        }
        fs::copy(&file, target)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEMPLATE: &str =
        "<head><link rel=\"stylesheet\" href=\"{{css}}\"></head><script type=\"module\" src=\"/{{js}}\"></script>";

    fn sources() -> tempfile::TempDir {
        let dir = tempfile::tempdir().unwrap();
        for (path, content) in [
            ("web/index.html", TEMPLATE),
            ("web/styles/20-table.css", "td{}"),
            ("web/styles/10-base.css", "body{}"),
            ("web/styles/pages/charts.css", "svg{}"),
            ("web/assets/icons/logo.svg", "<svg/>"),
            ("glue/web.js", "import * as link from \"./__wasm_split.js\";\nimports[\"./__wasm_split.js\"] = link;"),
            ("glue/web_bg.wasm", "wasm"),
            ("split/link.js", "import { initSync } from \"./web.js\";\nfetch(\"./split_jobs.wasm\");"),
            ("split/split_jobs.wasm", "page"),
        ] {
            let file = dir.path().join(path);
            fs::create_dir_all(file.parent().unwrap()).unwrap();
            fs::write(file, content).unwrap();
        }
        dir
    }

    fn parts(dir: &Path) -> Parts {
        Parts {
            main: dir.join("split/main.wasm"),
            link: dir.join("split/link.js"),
            parts: vec![dir.join("split/split_jobs.wasm")],
            pages: [("jobs".to_owned(), vec!["split_jobs".to_owned()])].into(),
        }
    }

    fn written(dir: &Path) -> Layout {
        Layout::write(&dir.join("web"), &dir.join("glue"), &parts(dir), &dir.join("portal")).unwrap()
    }

    #[test]
    fn scripts_name_each_other_and_the_pages_of_the_same_build() {
        let dir = sources();
        let name_of = |layout: &Layout, stem: &str, ending: &str| {
            let mut names = layout.first_load.iter().filter_map(|f| f.strip_prefix("pkg/"));
            names.find(|f| f.starts_with(stem) && f.ends_with(ending)).unwrap().to_owned()
        };
        let first = written(dir.path());
        let (glue, link) = (name_of(&first, "web-", "js"), name_of(&first, "split-", "js"));
        let pkg = dir.path().join("portal/pkg");
        let text = |name: &str| fs::read_to_string(pkg.join(name)).unwrap();
        assert!(text(&glue).contains(&format!("from \"./{link}\"")), "{}", text(&glue));
        // The name under which the program looks for the script stays.
        assert!(text(&glue).contains("imports[\"./__wasm_split.js\"]"));
        assert!(text(&link).contains(&format!("from \"./{glue}\"")), "{}", text(&link));
        let page = first.pages["jobs"][0].trim_start_matches("pkg/");
        assert!(text(&link).contains(&format!("\"./{page}\"")) && pkg.join(page).exists());

        // A page that changes renames the whole program.
        fs::write(dir.path().join("split/split_jobs.wasm"), "other").unwrap();
        let second = written(dir.path());
        assert_ne!(name_of(&second, "web-", "wasm"), name_of(&first, "web-", "wasm"));
    }

    #[test]
    fn the_page_names_files_that_are_there() {
        let dir = sources();
        let whole = dir.path().join("portal");
        let layout = written(dir.path());
        let page = fs::read_to_string(whole.join("index.html")).unwrap();
        assert!(!page.contains("{{") && !page.contains("//pkg"), "{page}");
        assert_eq!(layout.first_load.len(), 6);
        for file in &layout.first_load {
            assert!(whole.join(file).exists(), "{file}");
            assert!(file == "index.html" || page.contains(&format!("\"/{file}\"")), "{file} in {page}");
        }
        assert!(whole.join("assets/icons/logo.svg").exists());
        let css = layout.first_load.iter().find(|f| f.ends_with(".css")).unwrap();
        assert_eq!(fs::read_to_string(whole.join(css)).unwrap(), "body{}\ntd{}\n");
    }

    #[test]
    fn the_looks_of_pages_are_fetched_beside_the_program() {
        let dir = sources();
        let layout = written(dir.path());
        let read = |path: &str| fs::read_to_string(dir.path().join("portal").join(path)).unwrap();
        let boot = layout.first_load.iter().find(|f| f.starts_with("pkg/boot-")).unwrap();
        let boot = read(boot);
        let css = boot.split('"').find(|part| part.starts_with("/pkg/pages-")).unwrap();
        assert_eq!(read(css.trim_start_matches('/')), "svg{}\n");
        let at = |words: &str| boot.find(words).unwrap_or_else(|| panic!("{words} in {boot}"));
        let (low, added, begun) = (at("fetchPriority = \"low\""), at("head.append(pages)"), at("init({"));
        assert!(low < added && added < begun, "{boot}");
        assert!(!layout.first_load.iter().any(|f| f.contains("pages-")), "{:?}", layout.first_load);
        fs::remove_dir_all(dir.path().join("web/styles/pages")).unwrap();
        assert!(!boot_script("glue", "wasm", None).contains("stylesheet"));
        written(dir.path());
    }

    #[test]
    fn a_template_without_the_start_script_is_refused() {
        let paths = Paths { css: "c".into(), boot: "b".into(), glue: "g".into(), link: "l".into(), wasm: "w".into() };
        assert!(page("<head>{{css}}</head>", &paths).unwrap_err().to_string().contains("{{js}}"));
    }

    #[test]
    fn names_change_with_content() {
        let dir = sources();
        let a = add(dir.path(), "a", "css", b"1").unwrap();
        assert_ne!(a, add(dir.path(), "a", "css", b"2").unwrap());
    }
}
