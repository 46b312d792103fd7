//! One export from its beginning to its end: a task reads page after page and writes what whoever asked reads. It waits where
//! they are slow, ends where they left, and gives up after [`LONGEST`]. Only a file that says itself that it ended is whole:
//! after anything else the stream ends with an error, so that the connection breaks off instead of ending.

use std::io::Read as _;
use std::pin::Pin;
use std::time::Duration;

use async_trait::async_trait;
use domain::access::Actor;
use domain::export::ExportFormat;
use futures::stream::{self, Stream, StreamExt as _};
use tokio::sync::mpsc;

use super::error::ExportError;
use super::gate::Gate;
use super::sheet::SheetWriter;
use super::table::{Rows, Table};
use super::text::TextWriter;
use crate::{Context, audit};

/// The longest that an export may take, with whoever reads it slowly.
const LONGEST: Duration = Duration::from_secs(15 * 60);
/// Parts that wait for whoever reads them.
const AHEAD: usize = 2;
/// Bytes of a workbook that are sent at a time.
const PIECE: usize = 64 * 1024;

/// A part of a file. After an error there are no more.
pub type Part = Result<Vec<u8>, ExportError>;

/// A file that is being made.
pub struct Export {
    /// What to call it.
    pub file_name: String,
    /// What it is.
    pub media_type: &'static str,
    /// It, part by part.
    pub parts: Pin<Box<dyn Stream<Item = Part> + Send>>,
}

impl std::fmt::Debug for Export {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Export").field("file_name", &self.file_name).finish_non_exhaustive()
    }
}

/// What was written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Count {
    pub(crate) rows: u64,
    pub(crate) bytes: u64,
}

/// Where a file goes while it is written.
#[async_trait]
pub(crate) trait Sink: Send {
    /// Takes the next part.
    async fn part(&mut self, part: Vec<u8>) -> Result<(), ExportError>;

    /// Learns how many rows are written; an error ends it.
    async fn progress(&mut self, rows: u64) -> Result<(), ExportError>;
}

/// To whoever reads the stream.
struct Reader(mpsc::Sender<Option<Part>>);

#[async_trait]
impl Sink for Reader {
    async fn part(&mut self, part: Vec<u8>) -> Result<(), ExportError> {
        self.0.send(Some(Ok(part))).await.map_err(|_| ExportError::GivenUp)
    }

    async fn progress(&mut self, _: u64) -> Result<(), ExportError> {
        Ok(())
    }
}

/// Takes a table along: everything that it is narrowed to, as the actor may see it. It is in the audit log before the first row
/// is given. What changes while it is made may be in it or not.
///
/// # Errors
/// [`ExportError::Forbidden`], [`ExportError::Busy`], [`ExportError::Store`]. Later ones end the stream.
pub async fn begin(
    ctx: &Context,
    actor: &Actor,
    table: Box<dyn Table>,
    format: ExportFormat,
    gate: &Gate,
) -> Result<Export, ExportError> {
    table.allow(actor)?;
    let pass = gate.enter(actor)?;
    let entry = table.entry().on(&format!("{}-export", table.name()), format);
    let first = table.page(ctx, actor, None).await?;
    audit::note_each(ctx, actor, entry).await?;
    let day = ctx.env.now().format("%Y-%m-%d");
    let file_name = format!("{}-{day}.{format}", table.name());
    let (sender, receiver) = mpsc::channel::<Option<Part>>(AHEAD);
    let (ctx, actor) = (ctx.clone(), actor.clone());
    platform::traces::spawn(async move {
        let _pass = pass;
        let mut reader = Reader(sender.clone());
        let made = write_all(&ctx, &actor, table.as_ref(), format, Some(first), &mut reader);
        let made = tokio::time::timeout(LONGEST, made);
        match made.await.unwrap_or(Err(ExportError::TooLong)) {
            Ok(count) => {
                tracing::info!(table = table.name(), %format, rows = count.rows, bytes = count.bytes, "exported");
                drop(sender.send(None).await);
            }
            Err(ExportError::GivenUp) => tracing::info!(table = table.name(), "whoever asked for an export left"),
            Err(error) => {
                // The answer has begun: it can only end before its end, and the log says why.
                let cause = &error as &dyn std::error::Error;
                tracing::error!(table = table.name(), error = cause, "an export broke off");
                // A reader who is too slow may never take it: to them the channel just ends, which is an error too.
                drop(sender.try_send(Some(Err(error))));
            }
        }
    });
    // Some layers of HTTP ask again after the end.
    let parts = stream::unfold(Some(receiver), async |receiver: Option<mpsc::Receiver<Option<Part>>>| {
        let mut receiver = receiver?;
        match receiver.recv().await {
            Some(Some(Ok(part))) => Some((Ok(part), Some(receiver))),
            Some(None) => None,
            Some(Some(Err(error))) => Some((Err(error), None)),
            None => Some((Err(ExportError::GivenUp), None)),
        }
    });
    Ok(Export { file_name, media_type: format.media_type(), parts: Box::pin(parts.fuse()) })
}

/// Writes the whole table, from this page on or from the beginning. Checks nothing and notes nothing.
///
/// # Errors
/// [`ExportError`], those of the sink included.
pub(crate) async fn write_all(
    ctx: &Context,
    actor: &Actor,
    table: &dyn Table,
    format: ExportFormat,
    first: Option<Rows>,
    out: &mut dyn Sink,
) -> Result<Count, ExportError> {
    let mut count = Count::default();
    let mut page = match first {
        Some(page) => page,
        None => table.page(ctx, actor, None).await?,
    };
    let mut writer = Writer::begin(table, format)?;
    let head = writer.head();
    send(out, head, &mut count).await?;
    loop {
        debug_assert!(page.rows.iter().all(|row| row.len() == table.columns().len()), "{}", table.name());
        count.rows += page.rows.len() as u64;
        let next = page.next.take();
        let (back, text) = writer.rows(page.rows).await?;
        writer = back;
        send(out, text, &mut count).await?;
        out.progress(count.rows).await?;
        let Some(cursor) = next else { break };
        page = table.page(ctx, actor, Some(cursor)).await?;
    }
    match writer {
        Writer::Text(writer, _) => send(out, writer.end().into_bytes(), &mut count).await?,
        Writer::Sheet(sheet) => {
            let mut file = blocking(move || sheet.end()).await?;
            loop {
                let (back, piece) = blocking(move || piece(file)).await?;
                file = back;
                if piece.is_empty() {
                    break;
                }
                send(out, piece, &mut count).await?;
            }
        }
    }
    Ok(count)
}

async fn send(out: &mut dyn Sink, part: Vec<u8>, count: &mut Count) -> Result<(), ExportError> {
    if part.is_empty() {
        return Ok(());
    }
    count.bytes += part.len() as u64;
    out.part(part).await
}

fn piece(mut file: std::fs::File) -> Result<(std::fs::File, Vec<u8>), ExportError> {
    let mut piece = Vec::with_capacity(PIECE);
    file.by_ref().take(PIECE as u64).read_to_end(&mut piece).map_err(ExportError::file)?;
    Ok((file, piece))
}

/// What writes files, away from what serves requests.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, ExportError> + Send + 'static,
) -> Result<T, ExportError> {
    tokio::task::spawn_blocking(work).await.map_err(ExportError::file)?
}

enum Writer {
    Text(TextWriter, String),
    Sheet(Box<SheetWriter>),
}

impl Writer {
    fn begin(table: &dyn Table, format: ExportFormat) -> Result<Self, ExportError> {
        if format == ExportFormat::Xlsx {
            return Ok(Self::Sheet(Box::new(SheetWriter::begin(table.name(), table.columns())?)));
        }
        let (writer, head) = TextWriter::begin(format, table.columns());
        Ok(Self::Text(writer, head))
    }

    fn head(&mut self) -> Vec<u8> {
        match self {
            Self::Text(_, head) => std::mem::take(head).into_bytes(),
            Self::Sheet(_) => Vec::new(),
        }
    }

    async fn rows(self, rows: Vec<super::Row>) -> Result<(Self, Vec<u8>), ExportError> {
        match self {
            Self::Text(mut writer, head) => {
                let text = writer.rows(&rows).into_bytes();
                Ok((Self::Text(writer, head), text))
            }
            Self::Sheet(mut sheet) => {
                let sheet = blocking(move || sheet.rows(&rows).map(|()| sheet)).await?;
                Ok((Self::Sheet(sheet), Vec::new()))
            }
        }
    }
}
