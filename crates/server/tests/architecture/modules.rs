//! Which file of a crate uses which others, and the law that they form no circle.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

use syn::{Attribute, File, Item, ItemMod, ItemUse, UseTree, Visibility, visit::Visit};

use crate::sources::{sources, workspace_root};

/// A module by the names from the crate's root: `["kernel", "job"]`.
pub(crate) type ModulePath = Vec<String>;

/// The files of one crate, as modules.
pub(crate) struct CrateFiles {
    modules: BTreeMap<ModulePath, Module>,
}

#[derive(Default)]
struct Module {
    /// What its `pub use` and `pub(crate) use` statements make reachable through it, by name.
    reexports: BTreeMap<String, Vec<String>>,
    /// The modules and crates whose every name it makes reachable.
    globs: Vec<Vec<String>>,
    /// Every path in its code, re-exports apart.
    paths: BTreeSet<Vec<String>>,
}

impl CrateFiles {
    /// Reads the files below a crate's `src`.
    pub(crate) fn read(folder: &Path) -> Self {
        let mut modules = BTreeMap::new();
        for (path, text) in sources(folder) {
            let relative = path.strip_prefix(folder).expect("inside");
            if relative.starts_with("bin") {
                continue;
            }
            let mut names: ModulePath =
                relative.with_extension("").iter().map(|name| name.to_string_lossy().into_owned()).collect();
            if names.last().is_some_and(|name| ["mod", "lib", "main"].contains(&name.as_str())) {
                names.pop();
            }
            let file = syn::parse_file(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
            let module = Module::read(&file);
            modules.entry(names).and_modify(|known: &mut Module| known.add(&module)).or_insert(module);
        }
        Self { modules }
    }

    /// Returns which files each file uses.
    pub(crate) fn uses(&self) -> BTreeMap<&ModulePath, BTreeSet<&ModulePath>> {
        let used_by = |(name, module): (&'_ ModulePath, &Module)| {
            let found = module.paths.iter().filter_map(|path| self.resolve(name, path, 0));
            found.filter(|used| *used != name).collect()
        };
        self.modules.iter().map(|(name, module)| (name, used_by((name, module)))).collect()
    }

    /// Returns the paths of each file that begin with the name of another crate.
    pub(crate) fn foreign_paths(&self) -> impl Iterator<Item = (&ModulePath, &Vec<String>)> {
        self.modules.iter().flat_map(|(name, module)| module.paths.iter().map(move |path| (name, path)))
    }

    /// Returns the file that a path in a module resolves to, if it is in this crate.
    fn resolve(&self, from: &ModulePath, path: &[String], depth: usize) -> Option<&ModulePath> {
        const DEPTH_MAX: usize = 16;
        if depth > DEPTH_MAX {
            return None;
        }
        let (mut at, mut rest) = match path.first()?.as_str() {
            "crate" => (Vec::new(), &path[1..]),
            "self" => (from.clone(), &path[1..]),
            "super" => (from.clone(), path),
            first if self.has_child(from, first) => (from.clone(), path),
            _ => return None,
        };
        while rest.first().is_some_and(|name| name == "super") {
            at.pop()?;
            rest = &rest[1..];
        }
        while let Some((name, after)) = rest.split_first() {
            if self.has_child(&at, name) {
                at.push(name.clone());
                rest = after;
                continue;
            }
            let (key, module) = self.modules.get_key_value(&at)?;
            if let Some(target) = module.reexports.get(name) {
                let target: Vec<String> = target.iter().chain(after).cloned().collect();
                return self.resolve(&at, &target, depth + 1).or(Some(key));
            }
            let through_glob = module.globs.iter().find_map(|glob| {
                let target: Vec<String> = glob.iter().chain(rest).cloned().collect();
                self.resolve(&at, &target, depth + 1).filter(|found| *found != key)
            });
            return through_glob.or(Some(key));
        }
        self.modules.get_key_value(&at).map(|(key, _)| key)
    }

    fn has_child(&self, module: &ModulePath, name: &str) -> bool {
        let mut child = module.clone();
        child.push(name.to_owned());
        self.modules.contains_key(&child)
    }
}

impl Module {
    fn read(file: &File) -> Self {
        let mut module = Self::default();
        module.visit_file(file);
        module
    }

    fn add(&mut self, other: &Self) {
        self.paths.extend(other.paths.iter().cloned());
    }

    fn add_use(&mut self, tree: &UseTree, prefix: &[String], is_reexport: bool) {
        let mut path = prefix.to_vec();
        match tree {
            UseTree::Path(step) => {
                path.push(step.ident.to_string());
                self.add_use(&step.tree, &path, is_reexport);
            }
            UseTree::Group(group) => group.items.iter().for_each(|tree| self.add_use(tree, prefix, is_reexport)),
            UseTree::Name(name) => {
                let name = name.ident.to_string();
                if name != "self" {
                    path.push(name.clone());
                }
                let name = path.last().cloned().unwrap_or(name);
                self.add_path(path, is_reexport.then_some(name));
            }
            UseTree::Rename(rename) => {
                path.push(rename.ident.to_string());
                self.add_path(path, is_reexport.then(|| rename.rename.to_string()));
            }
            UseTree::Glob(_) if is_reexport => self.globs.push(path),
            UseTree::Glob(_) => self.add_path(path, None),
        }
    }

    fn add_path(&mut self, path: Vec<String>, reexported_as: Option<String>) {
        match reexported_as {
            Some(name) => {
                self.reexports.insert(name, path);
            }
            None => {
                self.paths.insert(path);
            }
        }
    }
}

impl<'ast> Visit<'ast> for Module {
    fn visit_item(&mut self, item: &'ast Item) {
        let attributes: &[Attribute] = match item {
            Item::Mod(item) => &item.attrs,
            Item::Fn(item) => &item.attrs,
            Item::Impl(item) => &item.attrs,
            Item::Use(item) => &item.attrs,
            _ => &[],
        };
        if !attributes.iter().any(is_only_for_tests) {
            syn::visit::visit_item(self, item);
        }
    }

    fn visit_item_mod(&mut self, module: &'ast ItemMod) {
        // A module within the file counts as the file itself.
        syn::visit::visit_item_mod(self, module);
    }

    fn visit_item_use(&mut self, item: &'ast ItemUse) {
        let is_reexport = !matches!(item.vis, Visibility::Inherited);
        self.add_use(&item.tree, &[], is_reexport);
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        if path.segments.len() > 1 {
            self.paths.insert(path.segments.iter().map(|segment| segment.ident.to_string()).collect());
        }
        syn::visit::visit_path(self, path);
    }
}

fn is_only_for_tests(attribute: &Attribute) -> bool {
    let syn::Meta::List(list) = &attribute.meta else { return false };
    list.path.is_ident("cfg")
        && list.tokens.to_string().split(|c: char| !c.is_alphanumeric()).any(|word| word == "test")
}

/// Returns the files that a file uses directly or indirectly.
fn reachable<'m>(
    uses: &BTreeMap<&'m ModulePath, BTreeSet<&'m ModulePath>>,
    from: &'m ModulePath,
) -> BTreeSet<&'m ModulePath> {
    let mut seen = BTreeSet::new();
    let mut next = vec![from];
    while let Some(file) = next.pop() {
        for used in uses.get(file).into_iter().flatten() {
            if seen.insert(*used) {
                next.push(used);
            }
        }
    }
    seen
}

/// Returns every circle once, as the names of its files.
fn circles(files: &CrateFiles) -> BTreeSet<Vec<String>> {
    let uses = files.uses();
    let reached: BTreeMap<_, _> = uses.keys().map(|file| (*file, reachable(&uses, file))).collect();
    let in_circle = |file: &&ModulePath| reached[*file].contains(*file);
    let circle_of = |file: &ModulePath| {
        let mutual = reached[file].iter().filter(|other| reached[**other].contains(file));
        mutual.map(|file| file.join("/")).collect()
    };
    uses.keys().copied().filter(in_circle).map(circle_of).collect()
}

#[test]
fn the_files_of_a_crate_form_no_circle() {
    let root = workspace_root();
    let crates =
        std::fs::read_dir(root.join("crates")).expect("the crates").map(|entry| entry.expect("a crate").path());
    let mut unexpected = Vec::new();
    // The benchmarks ship to no user, and no crate depends on them.
    for folder in crates.filter(|folder| !folder.ends_with("bench")).chain([root.join("migrations")]) {
        let name = folder.file_name().expect("a name").to_string_lossy().into_owned();
        for circle in circles(&CrateFiles::read(&folder.join("src"))) {
            unexpected.push(format!("{name}: {}", circle.join(" – ")));
        }
    }
    assert!(unexpected.is_empty(), "files that use one another in a circle:\n{}", unexpected.join("\n"));
}

#[test]
fn a_circle_through_a_reexport_is_found() {
    let file = |text: &str| Module::read(&syn::parse_file(text).expect("Rust"));
    let name = |path: &[&str]| path.iter().map(|name| (*name).to_owned()).collect::<ModulePath>();
    let mut modules = BTreeMap::new();
    modules.insert(name(&[]), file("mod a; mod b; pub(crate) use b::B;"));
    modules.insert(name(&["a"]), file("use crate::B; pub(crate) struct A;"));
    modules.insert(name(&["b"]), file("pub(crate) struct B(super::a::A);"));
    let found = circles(&CrateFiles { modules });
    assert_eq!(found, BTreeSet::from([vec!["a".to_owned(), "b".to_owned()]]));
}
