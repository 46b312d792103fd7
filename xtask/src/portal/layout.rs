//! The portal's folder: which file goes where under which name, and the page that ties them together. Not: compression and
//! sizes (see `size.rs`).

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result, ensure};
use sha2::{Digest as _, Sha256};

use super::Kind;

/// What [`Layout::write`] made.
pub struct Layout {
    /// What a browser must have before the first page stands, relative to the folder.
    pub first_load: Vec<String>,
}

/// The paths the page needs, as a browser asks for them.
struct Paths {
    css: String,
    boot: String,
    glue: String,
    wasm: String,
}

impl Layout {
    /// Lays out `whole` from the sources in `web` and what wasm-bindgen left in `glue`.
    ///
    /// # Errors
    /// When the template or a placeholder is missing, or a file can't be read or written.
    pub fn write(web: &Path, glue: &Path, whole: &Path) -> Result<Self> {
        let pkg = whole.join("pkg");
        fs::create_dir_all(&pkg)?;
        let wasm = add(&pkg, "web", "wasm", &fs::read(glue.join("web_bg.wasm"))?)?;
        let snippets = glue.join("snippets");
        if snippets.exists() {
            copy_tree(&snippets, &pkg.join("snippets"))?;
        }
        let js = add(&pkg, "web", "js", &fs::read(glue.join("web.js"))?)?;
        let boot = add(&pkg, "boot", "js", boot_script(&js, &wasm).as_bytes())?;
        let css = add(&pkg, "styles", "css", &styles(&web.join("styles"))?)?;
        let assets = web.join("assets");
        if assets.exists() {
            copy_tree(&assets, &whole.join("assets"))?;
        }
        let template = web.join("index.html");
        let template = fs::read_to_string(&template).with_context(|| format!("read {}", template.display()))?;
        let first_load: Vec<String> = ["index.html"]
            .into_iter()
            .chain([&css, &boot, &js, &wasm].map(|p| p.trim_start_matches('/')))
            .map(str::to_owned)
            .collect();
        let page = page(&template, &Paths { css, boot, glue: js, wasm })?;
        fs::write(whole.join("index.html"), page)?;
        Ok(Self { first_load })
    }
}

/// Writes a file under a name that changes with its content; returns the path a browser asks for.
fn add(pkg: &Path, stem: &str, ending: &str, content: &[u8]) -> Result<String> {
    let hash = format!("{:x}", Sha256::digest(content));
    let name = format!("{stem}-{}.{ending}", &hash[..8]);
    fs::write(pkg.join(&name), content)?;
    Ok(format!("/pkg/{name}"))
}

/// Starts the program; a page may show what went wrong by the attribute `data-boot="failed"` of its root.
fn boot_script(glue: &str, wasm: &str) -> String {
    format!(
        "import init from \"{glue}\";\n\
         init({{ module_or_path: \"{wasm}\" }}).catch((error) => {{\n  \
         document.documentElement.dataset.boot = \"failed\";\n  \
         console.error(error);\n}});\n"
    )
}

/// All style sheets in the order of their names.
fn styles(dir: &Path) -> Result<Vec<u8>> {
    let mut all = Vec::new();
    for file in files_below(dir)?.iter().filter(|f| f.extension().is_some_and(|e| e == "css")) {
        all.extend(fs::read(file)?);
        all.push(b'\n');
    }
    Ok(all)
}

fn page(template: &str, paths: &Paths) -> Result<String> {
    let mut page = template.to_owned();
    for (name, path, needed) in [
        ("css", &paths.css, true),
        ("js", &paths.boot, true),
        ("glue", &paths.glue, false),
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
            "glue" => format!("<link rel=\"modulepreload\" href=\"{path}\">\n"),
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

/// A hash over everything that the portal's files depend on, this program included.
pub fn inputs_hash(web: &Path, wasm: &Path, kind: Kind) -> Result<String> {
    let mut hash = Sha256::new();
    for source in [include_str!("mod.rs"), include_str!("layout.rs"), include_str!("size.rs")] {
        hash.update(source);
    }
    hash.update(format!("{kind:?}"));
    let mut files = vec![wasm.to_path_buf(), web.join("index.html")];
    files.extend(files_below(&web.join("styles"))?);
    files.extend(files_below(&web.join("assets"))?);
    for file in files {
        let content = fs::read(&file).with_context(|| format!("read {}", file.display()))?;
        hash.update(file.file_name().unwrap_or_default().as_encoded_bytes());
        hash.update(content.len().to_le_bytes());
        hash.update(content);
    }
    Ok(format!("{:x}", hash.finalize()))
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
            ("web/assets/icons/logo.svg", "<svg/>"),
            ("glue/web.js", "export default 1"),
            ("glue/web_bg.wasm", "wasm"),
        ] {
            let file = dir.path().join(path);
            fs::create_dir_all(file.parent().unwrap()).unwrap();
            fs::write(file, content).unwrap();
        }
        dir
    }

    #[test]
    fn the_page_names_files_that_are_there() {
        let dir = sources();
        let whole = dir.path().join("portal");
        let layout = Layout::write(&dir.path().join("web"), &dir.path().join("glue"), &whole).unwrap();
        let page = fs::read_to_string(whole.join("index.html")).unwrap();
        assert!(!page.contains("{{") && !page.contains("//pkg"), "{page}");
        assert_eq!(layout.first_load.len(), 5);
        for file in &layout.first_load {
            assert!(whole.join(file).exists(), "{file}");
            assert!(file == "index.html" || page.contains(&format!("\"/{file}\"")), "{file} in {page}");
        }
        assert!(whole.join("assets/icons/logo.svg").exists());
        let css = layout.first_load.iter().find(|f| f.ends_with(".css")).unwrap();
        assert_eq!(fs::read_to_string(whole.join(css)).unwrap(), "body{}\ntd{}\n");
    }

    #[test]
    fn a_template_without_the_start_script_is_refused() {
        let paths = Paths { css: "c".into(), boot: "b".into(), glue: "g".into(), wasm: "w".into() };
        assert!(page("<head>{{css}}</head>", &paths).unwrap_err().to_string().contains("{{js}}"));
    }

    #[test]
    fn names_and_inputs_change_with_content() {
        let dir = sources();
        let (web, wasm) = (dir.path().join("web"), dir.path().join("glue/web_bg.wasm"));
        let first = inputs_hash(&web, &wasm, Kind::Release).unwrap();
        assert_ne!(first, inputs_hash(&web, &wasm, Kind::Dev).unwrap());
        fs::write(web.join("styles/10-base.css"), "html{}").unwrap();
        assert_ne!(first, inputs_hash(&web, &wasm, Kind::Release).unwrap());
        let a = add(dir.path(), "a", "css", b"1").unwrap();
        assert_ne!(a, add(dir.path(), "a", "css", b"2").unwrap());
    }
}
