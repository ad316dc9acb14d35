"""Words the demo is made of: names, towns, trades, needs. People and companies are invented."""

FIRST_NAMES = (
    "Alessandro", "Andrea", "Anna", "Antonio", "Barbara", "Beatrice", "Carlo", "Caterina", "Chiara", "Claudia", "Cristina",
    "Daniele", "Davide", "Elena", "Elisa", "Emanuele", "Enrico", "Fabio", "Federica", "Federico", "Filippo", "Francesca",
    "Francesco", "Gabriele", "Giacomo", "Giada", "Giorgia", "Giorgio", "Giovanna", "Giovanni", "Giulia", "Giuseppe", "Ilaria",
    "Irene", "Laura", "Lorenzo", "Luca", "Lucia", "Luigi", "Marco", "Maria", "Marta", "Martina", "Massimo", "Matteo",
    "Michela", "Michele", "Monica", "Nicola", "Paola", "Paolo", "Pietro", "Riccardo", "Roberta", "Roberto", "Salvatore",
    "Sara", "Serena", "Silvia", "Simone", "Sofia", "Stefania", "Stefano", "Tommaso", "Valentina", "Valeria", "Vincenzo",
)  # fmt: skip
LAST_NAMES = (
    "Amato", "Barbieri", "Basile", "Battaglia", "Bellini", "Benedetti", "Bernardi", "Bianchi", "Bianco", "Brambilla", "Bruno",
    "Caputo", "Carbone", "Caruso", "Castelli", "Cattaneo", "Colombo", "Conte", "Conti", "Coppola", "Costa", "D'Amico",
    "D'Angelo", "De Angelis", "De Luca", "De Rosa", "De Santis", "Di Stefano", "Donati", "Esposito", "Fabbri", "Farina",
    "Ferrara", "Ferrari", "Ferraro", "Ferri", "Fiore", "Fontana", "Galli", "Gallo", "Gatti", "Gentile", "Giordano", "Grassi",
    "Greco", "Guerra", "Leone", "Lombardi", "Lombardo", "Longo", "Mancini", "Marchetti", "Mariani", "Marini", "Marino",
    "Martinelli", "Martini", "Mazza", "Messina", "Monti", "Morelli", "Moretti", "Negri", "Neri", "Orlando", "Pagano",
    "Palmieri", "Palumbo", "Parisi", "Pellegrini", "Pellegrino", "Piras", "Ricci", "Rinaldi", "Riva", "Rizzi", "Rizzo",
    "Romano", "Rossetti", "Rossi", "Ruggiero", "Russo", "Sala", "Sanna", "Santoro", "Serra", "Silvestri", "Sorrentino",
    "Testa", "Valentini", "Villa", "Vitale", "Vitali",
)  # fmt: skip
#: Town, province, CAP of the centre.
TOWNS = (
    ("Milano", "MI", "20121"), ("Torino", "TO", "10121"), ("Bologna", "BO", "40121"), ("Verona", "VR", "37121"),
    ("Padova", "PD", "35121"), ("Vicenza", "VI", "36100"), ("Brescia", "BS", "25121"), ("Bergamo", "BG", "24121"),
    ("Modena", "MO", "41121"), ("Parma", "PR", "43121"), ("Reggio nell'Emilia", "RE", "42121"), ("Genova", "GE", "16121"),
    ("Firenze", "FI", "50121"), ("Prato", "PO", "59100"), ("Ancona", "AN", "60121"), ("Perugia", "PG", "06121"),
    ("Roma", "RM", "00184"), ("Latina", "LT", "04100"), ("Napoli", "NA", "80133"), ("Salerno", "SA", "84121"),
    ("Bari", "BA", "70121"), ("Lecce", "LE", "73100"), ("Catania", "CT", "95121"), ("Palermo", "PA", "90133"),
    ("Cagliari", "CA", "09124"), ("Udine", "UD", "33100"), ("Trento", "TN", "38122"), ("Bolzano", "BZ", "39100"),
    ("Monza", "MB", "20900"), ("Como", "CO", "22100"), ("Novara", "NO", "28100"), ("Treviso", "TV", "31100"),
)  # fmt: skip
STREETS = (
    "Via Roma", "Via Garibaldi", "Via Mazzini", "Via Dante", "Via dell'Industria", "Via dell'Artigianato", "Viale Europa",
    "Via Marconi", "Via Volta", "Via Galvani", "Corso Italia", "Via della Meccanica", "Via del Lavoro", "Via Verdi",
)  # fmt: skip
#: Sector, words a company of it is called by.
SECTORS = (
    (
        "Food and beverage",
        ("Caseificio", "Cantine", "Conserve", "Pastificio", "Oleificio", "Birrificio", "Salumificio"),
    ),
    ("Textile", ("Tintoria", "Filatura", "Tessitura", "Lanificio", "Maglificio")),
    ("Mechanical", ("Officine", "Meccanica", "Tornerie", "Carpenterie", "Fonderie", "Stampaggi")),
    ("Chemical", ("Chimica", "Vernici", "Galvanica", "Detergenti", "Resine")),
    ("Ceramics", ("Ceramiche", "Laterizi", "Gres", "Smalterie")),
    ("Hospitality", ("Hotel", "Terme", "Residence", "Villaggio")),
    ("Utilities", ("Acquedotto", "Servizi Idrici", "Depurazioni", "Consorzio Irriguo")),
    ("Paper", ("Cartiere", "Cartotecnica", "Imballaggi")),
)
COMPANY_NAMES = (
    "Adda", "Adige", "Alba", "Alpina", "Appennino", "Aurora", "Belvedere", "Bonfanti", "Brenta", "Cavallini", "Ceresio",
    "Corsini", "Delta", "Dolomiti", "Euganea", "Fortini", "Gardesana", "Gavioli", "Ghidini", "Insubria", "Lambro", "Lariana",
    "Lodigiana", "Maremma", "Mincio", "Montebello", "Nardini", "Orobica", "Padana", "Panaro", "Pedemontana", "Piave",
    "Riviera", "Sabina", "San Marco", "Santerno", "Secchia", "Sesia", "Tagliamento", "Ticino", "Trebbia", "Valdarno",
    "Valsesia", "Vesuvio", "Zanetti",
)  # fmt: skip
LEGAL_FORMS = ("S.r.l.", "S.r.l.", "S.r.l.", "S.p.A.", "S.n.c.", "S.a.s.", "Soc. Coop.")
JOB_TITLES = (
    "Responsabile acquisti", "Direttore di stabilimento", "Responsabile manutenzione", "Titolare", "Direttore tecnico",
    "Responsabile qualità", "Amministratore delegato", "Ufficio tecnico", "Energy manager",
)  # fmt: skip
SOURCES = (
    ("Modulo web", 30), ("Fiera", 18), ("Passaparola", 14), ("Motore di ricerca", 14), ("Newsletter", 9), ("Telefono", 8),
    ("Social", 7),
)  # fmt: skip
#: Campaign, channel, budget in EUR, days it ran, kind.
CAMPAIGNS = (
    ("Fiera Accadueo", "Fiera", 18000, 3, "event"),
    ("Fiera Cibus Tec", "Fiera", 14000, 4, "event"),
    ("Webinar risparmio idrico", "Webinar", 2500, 1, "webinar"),
    ("Newsletter di primavera", "E-mail", 900, 30, "mailing"),
    ("Campagna osmosi inversa", "Motore di ricerca", 6500, 60, "advertising"),
    ("Porte aperte in stabilimento", "Evento", 4200, 2, "event"),
    ("Campagna Transizione 5.0", "Social", 5200, 75, "social"),
    ("Passaparola clienti", "Passaparola", 1500, 180, "referral"),
)  # fmt: skip
#: What a campaign is billed for, and which part of its cost that is, by kind; days after its first one.
CAMPAIGN_COSTS = {
    "event": (
        ("Affitto dello stand", 55, -60),
        ("Allestimento e trasporto", 30, -5),
        ("Ospitalità e materiale", 15, 3),
    ),
    "webinar": (("Piattaforma e regia", 40, -3), ("Relatore", 60, 2)),
    "mailing": (("Grafica e testi", 70, -10), ("Invii", 30, 2)),
    "advertising": (("Annunci, prima parte", 60, 15), ("Annunci, seconda parte", 40, 45)),
    "social": (("Inserzioni LinkedIn", 75, 20), ("Video e testi", 25, -8)),
    "referral": (("Buoni per chi ci presenta", 100, 60),),
}
INTERESTS = (
    "Addolcimento acqua di processo", "Impianto a osmosi inversa", "Revamping stazione di pompaggio",
    "Depurazione reflui", "Recupero acque di lavaggio", "Contratto di manutenzione", "Sistema di dosaggio",
    "Telecontrollo impianti", "Filtrazione a sabbia", "Acqua ultrapura",
)  # fmt: skip
NEEDS = (
    "Il consumo d'acqua è raddoppiato con la nuova linea e l'addolcitore attuale non basta più.",
    "Vogliono ridurre i fermi: le pompe hanno quindici anni e i ricambi non si trovano.",
    "L'ente ha chiesto di adeguare lo scarico entro l'anno prossimo.",
    "Cercano un unico fornitore per impianto e manutenzione, con tempi di intervento certi.",
    "Devono documentare il risparmio idrico per il credito d'imposta.",
    "Calcare negli scambiatori: chiedono una soluzione e un prezzo in fretta.",
)
NOTES = (
    "Sentito al telefono: budget confermato, decide il direttore a fine mese.",
    "Mandata la documentazione tecnica; richiamare dopo il sopralluogo.",
    "Chiede uno sconto del 5 % se firma entro venerdì.",
    "Sopralluogo fatto: lo spazio in centrale termica è stretto, serve la versione verticale.",
    "Il concorrente ha offerto meno, ma senza manutenzione.",
    "Preferiscono consegna dopo la fermata di agosto.",
)
ACTIVITIES = (
    ("call", "Richiamare per l'offerta"), ("meeting", "Sopralluogo in stabilimento"), ("email", "Mandare schede tecniche"),
    ("task", "Preparare il dimensionamento"), ("call", "Chiedere esito al direttore"), ("task", "Verificare tempi di consegna"),
)  # fmt: skip
CASES = (
    ("La pompa vibra dopo l'avviamento", 3, "Riallineato il giunto e serrati i tiranti."),
    ("Allarme conducibilità alta", 3, "Sostituite le membrane del secondo stadio."),
    ("Richiesta copia del manuale", 1, "Mandato il manuale in PDF."),
    ("Perdita dalla valvola di scarico", 4, "Cambiata la guarnizione, prova di tenuta fatta."),
    ("Fattura con indirizzo vecchio", 2, "Aggiornata l'anagrafica."),
    ("Come si imposta la rigenerazione notturna?", 1, "Spiegata la programmazione al telefono."),
    ("Il telecontrollo non invia i dati", 2, "Riavviato il modem, aggiornata la SIM."),
)
HOURS = ("Progettazione", "Montaggio in cantiere", "Collaudo", "Programmazione PLC", "Trasferta", "Documentazione")
EXPENSES = ("Trasferta e pernottamento", "Noleggio piattaforma", "Materiale di consumo", "Trasporto speciale")
PURCHASES = ("Motori elettrici", "Quadri elettrici", "Tubazioni e raccordi", "Membrane", "Carpenteria su disegno")
