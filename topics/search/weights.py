"""How much a word counts by where it stands, and the constants of the ranking.

Measured on judged collections of medical texts and questions (`make bench-search`); see
docs/search.md. A change here is a change of quality: measure before and after.
"""

# Times that a place counts. A topic's body holds its statements, headings, summary and tables.
TITLE = 3.0
SYNONYMS = 1.5
BODY = 1.0

# BM25 (Robertson and Zaragoza 2009): how soon more of one word adds nothing, and how much a long
# text is held against it.
K1 = 1.5
B = 0.75

# Relevance feedback (RM3; Lavrenko and Croft 2001, Abdul-Jaleel et al. 2004): the words that the
# best hits share are searched for as well.
FEEDBACK_HITS = 10
FEEDBACK_WORDS = 20
FEEDBACK_SHARE = 0.4
# Words in more than this share of all entries say little; those in fewer may be chance.
FEEDBACK_RAREST = 0.005
FEEDBACK_COMMONEST = 0.2
# A hit that has more than this share of the query's rarity needs no feedback.
COVERED = 0.9

# Hits that are ranked at first, by the rarest words of the query: those that together have this
# share of all rarity.
CANDIDATES = 300
RAREST_SHARE = 0.65
# Of these, the ones that are ranked again with the words of the feedback.
RERANKED = 100
# Topics whose statements are looked at.
TOPICS_WITH_STATEMENTS = 50
MOST_LEXEMES = 16
# Words that are put right: more of them are no slips, and each costs a search of its own.
MOST_CORRECTED = 6

# As long as no more places than these have to be read, common words find candidates too.
PLACES_READ = 3_000
# No more than these are read, but for those of the rarest word: a query of common words alone would
# take time for each topic that there is.
MOST_PLACES_READ = 5_000

# What a word of another name counts among topics against a word that was typed, by the kind of the
# name that was typed and of the other (`topics.models.search.Indexed`): of one topic, of one term,
# of one thing; a member of what was typed, and the class of it.
OTHER_NAMES = {1: {1: 0.5}, 3: {3: 0.5}, 5: {5: 0.5, 6: 0.3}, 6: {5: 0.5}}
# What a topic gains when the query names it, as a share of the rarity of the words that name it.
NAMED = 1.0
# What each word counts that a truncated one ("immuno") may stand for.
COMPLETED = 0.6
# What another name counts in a statement. One of a topic may be of something narrower.
NAMES = {1: {1: 0.5}, 3: {3: 0.9}, 5: {5: 0.9, 6: 0.6}, 6: {5: 0.6}}
# Names that count at least so much say how rare a concept is.
SAME = 0.7
# What the name of a topic gains in rarity: it says what is asked about, other words what of it.
SUBJECT = 1.3
# The rarity of words of a question is taken at this share, that of all others to this power, so
# that one rare word outweighs two common ones.
GENERAL = 0.5
# The same for a bare number: an age or a value of somebody is seldom that of the answer.
NUMBER = 0.7
RARITY_POWER = 1.1
# Of a statement: a concept counts where it counts most, in the statement itself (with this constant
# for saying it more than once), in the question above it, or in what its topic is called, where a
# synonym counts a share of the title. The other two places add their share.
STATEMENT_K1 = 0.9
HEADING = 1.2
TOPIC_NAME = 1.3
SYNONYM_OF_TOPIC = 0.3
ELSEWHERE = 0.2
# What a statement gains for words of the query that stand together, as a share of their rarity;
# for being a key point; and for having what the kind of question asks for, as a share of its score.
TOGETHER = 0.02
KEY_POINT = 0.05
FITTING = 0.2
# A topic of which the query says so much (as a share of the rarity of its words) comes first.
NAMED_WHOLE = 0.6
# Statements that are looked at closely, and those that are then read word by word.
STATEMENTS_RANKED = 200
# The same for a query with a phrase: whether words stand together is only seen by reading.
STATEMENTS_WITH_WORDS = 1000
STATEMENTS_READ = 40

# The optional semantic layer. What likeness of meaning counts for a topic, as a share of the best
# score of words; and what of that is left where the words of the query are (nearly) all found.
MEANING = 2.0
MEANING_COVERED = 0.25
# The same for a statement, as a share of what no statement has words for.
MEANING_OF_STATEMENT = 0.8
# Topics that may be found by meaning alone, and how like the question they must be; topics whose
# statements are looked at for that, and how many of these.
MEANT = 100
LEAST_LIKENESS = 0.3
TOPICS_MEANT = 10
STATEMENTS_MEANT = 20
