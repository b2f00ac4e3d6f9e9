//! Texts in many scripts, and words that are searched for in them.

use incident_domain::{
    incidents::{FoundIn, Incident, IncidentId, IncidentPatch, NewIncident, Revision, SearchHit, SearchText},
    kernel::{Description, Note, Patch, Title},
};

use crate::scene::{Scene, note, plain_incident};

/// Texts in many scripts, and with the syntax of the query languages of databases.
const TEXTS: &[&str] = &[
    "checkout payment fails",
    "Checkout: PAYMENT failed!",
    "check out the payments",
    "pay",
    "the",
    "a is to be or not",
    "running runs run ran",
    "universe university",
    "AND OR NOT NEAR",
    "fish & chips | peas ! (salt) : vinegar * \\ <->",
    "title:checkout \"payment fails\" 'quoted' {pay payment} ^pay +pay -pay",
    "100% of a_b, a-b, a.b, a/b, a@b.example, a'b",
    "Café crème brûlée",
    "Cafe\u{301} cre\u{300}me",
    "STRASSE Straße STRAẞE",
    "ΣΑΣ σας ΟΔΟΣ",
    "İstanbul ISTANBUL ıstanbul istanbul",
    "ﬁx ½ ② ＥＲＲＯＲ ５００ ℡",
    "漢字検索 漢字 検索",
    "カタカナ ｶﾀｶﾅ ひらがな",
    "한국어 \u{1112}\u{1161}\u{11ab}",
    "שָׁלוֹם שלום",
    "हिन्दी खोज",
    "🦀 🦀crab 👩‍👩‍👧",
    "O'Neil's disk; DROP TABLE incidents; --",
    "node-17 10.0.0.1 10 0 1 v1.2.3 0x1F 1e5",
    "x\u{301}\u{302} \u{301}y zero\u{200b}width soft\u{ad}hyphen",
    "under_score camelCase UPPER",
    "数据库连接超时",
    "本番サーバー障害",
    "운영서버에 장애",
    "ฐานข้อมูลล่ม",
    "ຖານຂໍ້ມູນ មូលដ្ឋានទិន្នន័យ ဒေတာအချက်အလက်",
    "same as INC-1001, see inc-7",
    "gateway pool exhausted: connection refused while connecting upstream server payments after thirty seconds retrying",
];

/// Searches; those without a word are left out.
#[rustfmt::skip]
const SOUGHT: &[&str] = &[
    "checkout", "CHECKOUT", "checkout payment", "payment checkout", "checkout checkout", "pay", "pay*", "payment*",
    "fail", "fail*", "failed", "fails", "the", "is", "not", "NOT", "AND", "and or", "OR", "NEAR", "NEAR(pay, 5)",
    "\"payment fails\"", "\"fails payment\"", "'quoted'", "title:checkout", "checkout:*", "pay & payment",
    "pay | zebra", "!pay", "-pay", "^pay", "{pay payment}", "(pay", "pay)", "a_b", "a-b", "a.b", "a@b.example",
    "a*", "a", "b", "100%", "run", "runs", "running", "universe", "univers*", "cafe", "Café", "cafe\u{301}", "CAFE",
    "creme", "brul*", "strasse", "straße", "STRAẞE", "σας", "ΣΑΣ", "οδος", "istanbul", "İSTANBUL", "ıstanbul",
    "fix", "ﬁx", "1", "2", "½", "error", "500", "tel", "漢字", "漢*", "検索", "漢字検索", "カタカナ", "ひら*", "한국어", "한*", "שלום",
    "हिन्दी", "crab", "O'Neil", "oneil", "s", "DROP TABLE", "incidents", "node-17", "17", "10", "10.0.0.1", "0x1f",
    "1e5", "v1*", "x", "y", "zerowidth", "zero width", "soft hyphen", "under_score", "under score", "camelcase",
    "camel", "case", "zebra", "pay zebra", "zeb*", "*", "%", "_", "''", "\\", "pay\\", ";--", "pay;--",
    "pay\u{3000}payment", "pay,payment", "连接", "超", "时", "连超", "障害", "サーバー", "서버", "ข้อมูล", "ຂໍ້ມູນ", "ទិន្នន័យ",
    "အချက်", "οδοσ", "\"camelc*\"", "camelc*,", "softhyphen", "INC-1001", "inc-1001", "1001", "inc1002", "inc-7", "INC-10*",
    "gateway pool exhausted connection refused upstream server payments thirty seconds zebra giraffe",
    "gateway pool exhausted connection antelope elephant hippopotamus rhinoceros crocodile alligator zebra giraffe",
];

/// Stored incidents that have these texts in one part or another.
pub(crate) struct Corpus {
    /// The newest first, each with its comments, the oldest first.
    incidents: Vec<(Incident, Vec<Note>)>,
}

impl Corpus {
    /// Stores each text as a title, as a description and as a comment of others, and some of them alone.
    pub(crate) async fn stored(scene: &Scene) -> Self {
        let mut incidents = Vec::new();
        let others = |index: usize, step: usize| TEXTS[(index + step) % TEXTS.len()];
        for (index, text) in TEXTS.iter().enumerate() {
            let comments = [others(index, 7), others(index, 11)];
            incidents.push(incident_with(scene, text, Some(others(index, 5)), &comments).await);
            match index % 3 {
                0 => incidents.push(incident_with(scene, "zero", Some(text), &[]).await),
                1 => incidents.push(incident_with(scene, "zero", None, &[others(index, 1), text]).await),
                _ => {}
            }
        }
        incidents.sort_by_key(|(incident, _)| std::cmp::Reverse(incident.id));
        Self { incidents }
    }

    /// Returns what is searched for.
    pub(crate) fn sought() -> impl Iterator<Item = SearchText> {
        SOUGHT.iter().filter_map(|text| SearchText::parse(text).ok())
    }

    /// Returns what a search must find.
    pub(crate) fn hits(&self, text: &SearchText) -> Vec<SearchHit> {
        let in_one = |(incident, comments): &(Incident, Vec<Note>)| {
            let comment = comments.iter().rev().find(|comment| text.is_in(comment.as_str()));
            let incident_id = incident.id;
            match text.found_in(incident) {
                Some(found_in) => Some(SearchHit { incident_id, found_in, comment: None }),
                None => comment.cloned().map(|comment| SearchHit {
                    incident_id,
                    found_in: FoundIn::Comment,
                    comment: Some(comment),
                }),
            }
        };
        let mut hits: Vec<_> = self.incidents.iter().filter_map(in_one).collect();
        // The sort is stable, so that the hits in one part of an incident stay newest first.
        hits.sort_by_key(|hit| FoundIn::ALL.iter().position(|part| *part == hit.found_in));
        hits
    }

    /// Returns the incidents that a search must find, the newest first.
    pub(crate) fn found(&self, text: &SearchText) -> Vec<Incident> {
        let hits: Vec<IncidentId> = self.hits(text).iter().map(|hit| hit.incident_id).collect();
        let found = self.incidents.iter().filter(|(incident, _)| hits.contains(&incident.id));
        found.map(|(incident, _)| incident.clone()).collect()
    }
}

/// Stores an incident with this title, description and comments, in one set.
pub(crate) async fn incident_with(
    scene: &Scene,
    title: &str,
    description: Option<&str>,
    comments: &[&str],
) -> (Incident, Vec<Note>) {
    let new = NewIncident {
        title: Title::stored(title).expect("a title"),
        description: description.map(|text| Description::stored(text).expect("a description")),
        ..plain_incident()
    };
    let notes: Vec<_> = comments.iter().map(|text| note(*text)).collect();
    let comment = |revision: Revision, text: &Note| revision.comment(text.clone(), &scene.stamp());
    let revision = notes.iter().fold(scene.opened(new), comment);
    (scene.store(revision).await, notes)
}

/// Parses a search.
pub(crate) fn words(text: &str) -> SearchText {
    SearchText::parse(text).expect("words")
}

/// Changes the title and the description of a stored incident.
pub(crate) async fn rewritten(scene: &Scene, incident: &Incident, title: &str, description: Option<&str>) -> Incident {
    let description = description.map(|text| Description::stored(text).expect("a description"));
    let patch = IncidentPatch {
        title: Some(Title::stored(title).expect("a title")),
        description: description.map_or(Patch::Clear, Patch::Set),
        ..IncidentPatch::default()
    };
    scene.store(incident.clone().revise().amend(&patch, None, &scene.stamp())).await
}
