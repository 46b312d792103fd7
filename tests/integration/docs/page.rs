//! A page of the book, read as far as the tests need it: fenced blocks, code within lines, links, the names of headings.
//! Not a Markdown parser: what our pages don't use (indented code, reference links, HTML) it does not know.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};

/// A page.
#[derive(Debug)]
pub struct Page {
    /// Its place within the book, such as `guide/usage.md`.
    pub path: PathBuf,
    text: String,
    prose: String,
    blocks: Vec<(String, String)>,
}

/// A link or a picture.
#[derive(Debug, PartialEq, Eq)]
pub struct Link {
    /// What it says.
    pub words: String,
    /// Where it leads.
    pub to: String,
    /// Whether it shows what is there.
    pub picture: bool,
}

impl Page {
    fn read(path: PathBuf, text: String) -> Self {
        let (mut prose, mut blocks) = (String::new(), Vec::new());
        let mut inside: Option<(usize, String, String)> = None;
        for line in text.lines() {
            let plain = line.trim_start();
            inside = match (inside, plain.strip_prefix("```")) {
                (None, Some(language)) => Some((line.len() - plain.len(), language.to_owned(), String::new())),
                (None, None) => {
                    prose.push_str(line);
                    prose.push('\n');
                    None
                }
                (Some((_, language, content)), Some(_)) => {
                    blocks.push((language, content));
                    None
                }
                // A block within a list is indented as a whole.
                (Some((indent, language, content)), None) => {
                    let line = line.get(indent..).unwrap_or_default();
                    Some((indent, language, content + line + "\n"))
                }
            };
        }
        Self { path, text, prose, blocks }
    }

    /// Every page of a folder and the folders in it, by path.
    pub fn all(folder: &Path) -> Result<Vec<Self>> {
        let (mut pages, mut folders) = (Vec::new(), vec![folder.to_path_buf()]);
        while let Some(place) = folders.pop() {
            for entry in std::fs::read_dir(&place).with_context(|| place.display().to_string())? {
                let path = entry?.path();
                if path.is_dir() {
                    folders.push(path);
                } else if path.extension().is_some_and(|ending| ending == "md") {
                    let text = std::fs::read_to_string(&path)?;
                    pages.push(Self::read(path.strip_prefix(folder)?.to_path_buf(), text));
                }
            }
        }
        pages.sort_by(|one, other| one.path.cmp(&other.path));
        Ok(pages)
    }

    /// All of it.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The fenced blocks: language and content.
    pub fn blocks(&self) -> Vec<(&str, &str)> {
        self.blocks.iter().map(|(language, content)| (language.as_str(), content.as_str())).collect()
    }

    /// Code within lines.
    pub fn spans(&self) -> Vec<String> {
        self.prose.split('`').skip(1).step_by(2).map(str::to_owned).collect()
    }

    /// Links and pictures, but those in code.
    pub fn links(&self) -> Vec<Link> {
        let plain: String = self.prose.split('`').step_by(2).collect::<Vec<_>>().join("`");
        let mut links = Vec::new();
        let mut rest = plain.as_str();
        while let Some((before, after)) = rest.split_once("](") {
            let Some((to, behind)) = after.split_once(')') else { break };
            let (lead, words) = before.rsplit_once('[').unwrap_or_default();
            links.push(Link { words: words.to_owned(), to: to.to_owned(), picture: lead.ends_with('!') });
            rest = behind;
        }
        links
    }

    /// The names under which its headings can be linked to, as mdBook and GitHub make them.
    pub fn anchors(&self) -> Vec<String> {
        let mut met = BTreeMap::<String, u32>::new();
        let headings =
            self.prose.lines().filter(|line| line.starts_with('#')).map(|line| line.trim_start_matches('#').trim());
        headings
            .map(|heading| {
                let kept =
                    heading.chars().filter(|c| c.is_alphanumeric() || c.is_whitespace() || ['-', '_'].contains(c));
                let name: String = kept.map(|c| if c.is_whitespace() { '-' } else { c.to_ascii_lowercase() }).collect();
                let times = met.entry(name.clone()).or_default();
                *times += 1;
                if *times == 1 { name } else { format!("{name}-{}", *times - 1) }
            })
            .collect()
    }
}

#[test]
fn a_page_is_read_as_it_is_shown() {
    let text = "# One `x` page\n\nA [link](a.md#b), `[none](c)` and ![a picture](d.webp).\n\n```sh\n[no](e)\n```\n\n## Two\n\n\
                1. Three:\n\n   ```json\n   {\n     1\n   ```\n\n## Two\n";
    let page = Page::read(PathBuf::new(), text.to_owned());
    assert_eq!(page.blocks(), [("sh", "[no](e)\n"), ("json", "{\n  1\n")]);
    assert_eq!(page.spans(), ["x", "[none](c)"]);
    assert_eq!(page.anchors(), ["one-x-page", "two", "two-1"]);
    let link = |words: &str, to: &str, picture| Link { words: words.to_owned(), to: to.to_owned(), picture };
    assert_eq!(page.links(), [link("link", "a.md#b", false), link("a picture", "d.webp", true)]);
}
