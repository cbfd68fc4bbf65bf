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
CANDIDATES = 500
RAREST_SHARE = 0.65
# Of these, the ones that are ranked again with the words of the feedback.
RERANKED = 100
# Topics whose statements are looked at.
TOPICS_WITH_STATEMENTS = 100
MOST_LEXEMES = 16
# Words that are put right: more of them are no slips, and each costs a search of its own.
MOST_CORRECTED = 6

# As long as no more places than these have to be read, common words find candidates too.
PLACES_READ = 15_000

# What a word of another name for something counts, against a word that was typed.
OTHER_NAMES = 0.5
# The same for words that mean the same anywhere.
SYNONYM = 0.5
# What a topic gains when the query names it, as a share of the rarity of the words that name it.
NAMED = 1.0
# Of a statement: a word counts where it counts most, in the statement itself (BM25, with constants
# of its own: statements are short), in the question above it, or in what its topic is called. The
# other two places add this share.
STATEMENT_K1 = 0.9
STATEMENT_B = 0.1
HEADING = 1.2
TOPIC_NAME = 1.3
ELSEWHERE = 0.1
# What a statement gains for words of the query that stand together, as a share of their rarity;
# for being a key point; and for having what the kind of question asks for, as a share of its score.
TOGETHER = 0.1
KEY_POINT = 0.2
FITTING = 0.3
# Statements that are looked at word by word.
STATEMENTS_READ = 80
