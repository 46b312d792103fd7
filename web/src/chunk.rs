//! Code that is a file of its own beside the program, fetched when it is first asked for (`xtask/src/portal/split.rs` makes the files).
//! Not which code that is: each place says so with [`chunk!`]. Tests are one program without such files, so they have all of it at once.

/// Makes the function that fetches a chunk and gives what is in it, and the one that only fetches it.
macro_rules! chunk {
    ($chunk:ident: $load:ident, $preload:ident -> $inside:ty = $value:expr) => {
        #[cfg(not(test))]
        #[leptos::wasm_split::wasm_split($chunk, wasm_split_path = ::leptos::wasm_split, preload($preload), fallible)]
        fn $load() -> Result<$inside, leptos::wasm_split::SplitLoaderError> {
            Ok($value)
        }

        #[cfg(test)]
        async fn $load() -> Result<$inside, leptos::wasm_split::SplitLoaderError> {
            $preload().await?;
            Ok($value)
        }

        #[cfg(test)]
        async fn $preload() -> Result<(), leptos::wasm_split::SplitLoaderError> {
            Ok(())
        }
    };
}

pub(crate) use chunk;
