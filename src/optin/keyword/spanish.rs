//! Spanish: the words and phrases that opt out, what excuses them, and who asks for help.
//!
//! Owns a list that a lawyer can read; accents are folded away before it is read. Must not hold code. The surprise:
//! without accents "deje" is "let" and "I let", so "deje de recibir" is no request while "deje de mandar" is one.

use super::phrase::{Class, Phrase};

/// What `{name}` stands for in this file.
pub const CLASSES: &[Class] = &[
    (
        "textos",
        &[
            "mensajes mensaje textos texto alertas alerta notificaciones notificacion avisos aviso sms spam suscripcion servicio",
            "publicidad promociones anuncios llamadas correos basura recordatorios recordatorio inscripcion registro mensajitos",
            "actualizaciones ofertas propaganda comunicaciones suscripciones subscripcion cosas",
        ],
    ),
    ("det", &["el la los las mi mis su sus este esta estos estas esos esas de tus tantos tantas todos todas mas mis ese esa"]),
    ("esto", &["esto eso estos estas esos esas todo todos"]),
    (
        "enviar",
        &[
            "manden mande mandes manda mandar mandarme mandarnos mandando envien envie envies enviar enviarme enviando envia escriban",
            "escriba escribas escribir escribirme escribiendo molesten moleste molestes molestar molestarme molestando llamen llame",
            "llames llamar llamarme llamando contacten contacte contactes contactar contactarme textear textearme texteen textees",
            "texteando mensajear mensajearme mensajeen fastidien fastidies fastidiar fastidiarme acosar acosarme acosen joder jodan",
            "chingar chinguen chingues hablen hablar hablarme marquen marcar marcarme spamear spamearme mensajearme notificar",
            "notifiquen notificarme avisen avisarme busquen buscarme mandenme envienme escribirnos enviarnos jodas estar estarme fregar fregando friegues frieguen",
        ],
    ),
    (
        "quitar",
        &[
            "quiten quite quita quitar quiteme borren borre borra borrar eliminen elimine elimina eliminar saquen saque saca sacar",
            "remuevan remueva remover remueve retiren retire retira retirar tachen desactiven",
        ],
    ),
    (
        "quitenme",
        &[
            "quitenme quiteme quitame quitarme quitenos quitennos borrenme borreme borrame borrarme eliminenme elimineme eliminame",
            "eliminarme saquenme saqueme sacame sacarme remuevanme remuevame remuevanme removerme retirenme retireme retirame retirarme",
            "borrenlo borralo borrelo borrarlo quitenlo quitelo quitalo eliminenlo eliminalo eliminelo saquenlo saquelo sacalo quitenla",
            "saquennos borrennos desuscribanme desuscribame desuscribeme olvidenme salirme darmedebaja quitemen saquemen borremen",
        ],
    ),
    (
        "cancelar",
        &[
            "cancelar cancela cancele cancelen cancelo cancelarme canceleme cancelenme cancelame cancelarlo cancelenlo cancelalo termina terminar terminen termine finalizar finalicen",
        ],
    ),
    (
        "parar",
        &[
            "paren pare parar parad parenle parale parele paremos pares detener detenga detengan detenganse detente deten detengase",
        ],
    ),
    ("numero", &["numero telefono celular cel persona contacto linea numeros"]),
];

/// Whatever else a message says: these beat every excuse.
pub const INSISTING: &[Phrase] = &[
    Phrase {
        says: "por qu\u{e9} no paran",
        written: &[
            "por que no|nunca paran|para|dejan|pare|paren",
            "si no paran|dejan|dejas|paras|para|deja",
            "hasta|para que paren|pare|dejen|deje",
            "hasta cuando ..4 {enviar|textos}",
        ],
    },
    Phrase { says: "nunca paran", written: &["estos|los|sus {textos} no|nunca paran"] },
];

/// Strong words and plain requests: they opt out wherever they stand, unless excused.
pub const ANYWHERE: &[Phrase] = &[
    Phrase {
        says: "alto",
        written: &[
            "^ alto a|con|ya|al|los|las|de|alto|porfavor|por",
            "alto a|con|al los|las|estos|este|esto|sus|todos",
            "alto ya|porfavor|por",
            "alto $",
        ],
    },
    Phrase {
        says: "parar",
        written: &[
            "{parar}",
            "^ para ya|esto|eso|porfavor|por|con",
            "para de {enviar}",
            "ya para|parale $",
            "haz|hagan|haga que pare|paren",
        ],
    },
    Phrase { says: "basta", written: &["basta", "bastaa", "ya estuvo", "ya estubo", "ya chole", "ya parenle"] },
    Phrase {
        says: "dar de baja",
        written: &[
            "de baja !calidad|presion|medica|laboral|por|tension|intensidad",
            "quiero|solicito|pido|necesito|deseo|favor la|mi|una? baja $",
            "dar|darme|denme|deme|dame ..2 baja",
            "^ baja porfavor|ya|por|gracias",
            "^ bajenme|bajame|bajeme",
            "baja de|del ..2 {textos|lista|sistema|programa}",
        ],
    },
    Phrase {
        says: "cancelar",
        written: &[
            "{cancelar} {det}? {det}? {det}? {textos|esto}|cuenta|numero|membresia",
            "{cancelar} ..2 suscripcion|subscripcion|inscripcion|alertas|mensajes|textos",
            "quiero|deseo|necesito|como|puedo|quisiera|favor|hago|para ..1 cancelar|cancelo|terminar porfavor|gracias? $",
            "cancelarme|canceleme|cancelenme|cancelame|cancelenlo|cancelalo",
            "anul* ..2 suscripcion|{textos}",
        ],
    },
    Phrase {
        says: "no m\u{e1}s",
        written: &[
            "nomas {textos|esto}|porfavor|gracias|please|de|molestias|llamada",
            "nomas ..1 {textos}",
            "^ ya? nomas ya|porfavor|gracias|por? $",
            "ya nomas",
            "ya|no quiero|queremos|necesito|deseo mas",
            "ni un|una {textos} mas",
            "sin mas {textos}",
            "ya no ..1 mas {textos}",
        ],
    },
    Phrase {
        says: "dejen de",
        written: &[
            "deja|dejen|deje|dejar|dejad|dejes|dejenme|dejeme|dejame|dejanos|dejan|dejas|dejense ya? de ..2 {enviar}",
            "dejar|dejo|deja de ..2 recibir|recibirlos|recibiendo",
            "dejen|deja|deje ..1 de {esto|chingar|joder}",
        ],
    },
    Phrase {
        says: "no me manden",
        written: &[
            "no|ni|nunca|sin ya|mas|vuelvan|vuelvas|vuelva|quiero|sigan|sigas? a|que? me|nos|le|les {enviar} !de",
            "no {enviar} mas|nada|a|porfavor|este|ese|{textos}",
            "no ..1 vuelv* ..1 a ..1 {enviar}",
            "nunca mas",
            "no ..1 molestar|molesten|molestes|contactar|contacten",
            "no {enviar} $",
            "dejar de ..2 {textos}",
            "no sigan|sigas|siga {enviar}",
            "no me {enviar}",
        ],
    },
    Phrase {
        says: "no quiero",
        written: &[
            "no quiero|deseo|queremos|quisiera|deseamos|necesito|ocupo|quiere|acepto|pedi|autorizo|solicite|autorice ..1 mas|recibir|recibirlos|recibiendo|{textos|esto}|sus|su|nada|saber|ser|seguir|que|estar|tener|tus",
            "ya no ..1 quiero|deseo|necesito|interesa|interesan|queremos|ocupo|vivo|vive|soy|trabajo|trabaja|uso|pertenece",
            "no ..1 recibir ..2 {textos}",
            "no quiero|quisiera que me|nos",
            "no los|las quiero|necesito",
            "^ ya|yo? no quiero $",
            "^ ya no porfavor|gracias? $",
            "prefiero no",
            "no gusta|gustan recibir",
        ],
    },
    Phrase {
        says: "qu\u{ed}tenme",
        written: &[
            "{quitenme}",
            "{quitar} ..1 mi|este|nuestro|el|ese|su|mis ..1 numero|nombre|telefono|celular|contacto|datos|informacion|cel",
            "{quitar} me|nos",
            "{quitar} ..1 numero|telefono|celular",
            "{quitar} ..2 de ..1 lista|sistema|base|contactos",
            "me ..2 {quitar|quitan|sacan|borran|eliminan}",
            "como|quiero|necesito|donde ..2 salgo|salirme|salir|salgome !a|con|de|en",
            "salir|salirme|salgo de ..2 {lista|grupo|sistema|programa|textos|esto}",
            "fuera de ..1 lista",
        ],
    },
    Phrase {
        says: "n\u{fa}mero equivocado",
        written: &[
            "{numero} ..2 equivocad*|incorrect*|erroneo|errado|equivocao",
            "equivocad* ..1 {numero}",
            "equivoc* ..1 de ..1 {numero}",
            "se|te equivoc*",
            "no|ya es|era|soy mi|el|la|su|esa|ese|quien|ella numero|telefono|celular|persona|dueno|duena|que|de|$",
            "no es mi|el|su|un ..2 {numero}",
            "ya no es ..4",
            "no soy @|esa|ese|quien|el|la ..1",
            "no soy !de|muy|tan|un|una|yo|bueno|buena|experto ..1 $",
            "aqui no|nadie ..3 vive|llama|hay|es|conoce*",
            "no conozco|conocemos a ..1",
            "no hay ningun|ninguna|nadie ..3",
            "numero|telefono ..2 nuevo|cambio de|dueno",
            "acabo ..1 comprar|obtener|conseguir|sacar|recibir|tener este|esta|el ..1 {numero}",
            "tiene|tienen mal|equivocado el? numero",
            "otra persona",
        ],
    },
    Phrase {
        says: "no me interesa",
        written: &["no ..1 interes*", "no estoy|estamos interes*", "no tengo interes", "sin interes"],
    },
    Phrase {
        says: "desuscribir",
        written: &[
            "desuscri*|desinscri*|desubscri*|dessuscri*|desapunt*|desafili*|unsuscri*|desabon*|desenrol*|dessubscri*|desregist*",
            "des|un suscri*|suscrib*|inscri*",
            "como ..1 paro|detengo|apago|bloqueo|quito|cancelo|desactivo|borro|elimino|evito ..2 {textos|esto}|$",
            "desactiv*|apag*|deshabilit*|suspend*|bloqueen ..2 {textos|esto}|suscripcion|numero",
            "cese|cesen ..3",
        ],
    },
    Phrase {
        says: "d\u{e9}jenme en paz",
        written: &[
            "en paz",
            "dejenme|dejeme|dejame|dejennos ya? porfavor? $",
            "bloquead* $",
            "dejenme|dejeme|dejame|dejen|deja|dejennos|dejenos|dejanos|dejar ..2 paz|tranquil*|solo|sola|quieto|quieta",
            "olviden*|olvida*|olvide* ..1 mi ..1 numero|de",
            "olvidense de",
            "vayanse|larguense|largo|largate|largense|vete a|de|al|ya|$",
            "^ fuera|vete|vayanse|largo ya|de? aqui? $",
            "vete|vayanse al|a ..3",
            "chinguen a|su ..3",
            "no ..1 jodan|jodas|chinguen|chingues|friegues|frieguen|fastidi*",
            "ya ..1 me canse|canso|cansaron",
            "hart*|cansad* de|con ..3 {textos|esto}|recibir|ustedes|que",
            "me tienen hart*|cansad*",
            "callense|callate",
            "pierdan|pierda|pierde|tiren mi numero",
        ],
    },
    Phrase {
        says: "demanda",
        written: &[
            "demandar|demandarlos|demandare|demandarte|demandarles|demandaremos|demando",
            "abogado|abogada ..4",
            "los|les|te|lo|voy|vamos ..2 report*|denunci*|bloque* !un|una|que|el|la",
            "reportarlos|denunciarlos|bloquearlos|bloquearte|reportarte|denunciarte|bloqueando|reportando",
            "acoso|acosando",
            "accion|acciones legal|legales",
            "report* ..3 spam|fcc",
            "fcc|ftc",
        ],
    },
    Phrase {
        says: "nunca me inscrib\u{ed}",
        written: &[
            "no|nunca|jamas ..1 me ..1 inscrib*|suscrib*|registr*|apunt*|anot*",
            "no|nunca|jamas pedi|solicite|autorice|acepte|di|he ..2 {esto|textos}|permiso|autorizacion|consentimiento|que|numero",
            "no autorizo|consiento",
            "sin mi permiso|autorizacion|consentimiento",
            "revoco|retiro|revocar|retirar ..2 consentimiento|permiso|autorizacion",
            "no doy|tienen mi? permiso|consentimiento|autorizacion",
        ],
    },
    Phrase {
        says: "falleci\u{f3}",
        written: &["fallecio|fallecida|fallecido|difunto|difunta|finado|finada", "murio ..3", "esta|ha muerto|muerta"],
    },
];

/// What may be taken from the message before it is compared with [`WHOLE`].
pub const FILLER: &[&str] = &[
    "porfavor favor por gracias ya si hola buenas buenos dias tardes noches ahora mismo porfa plis bueno oye oigan senor senores xfa xfavor inmediatamente de una vez y ok todo esto",
];

/// Words that opt out if nothing else is said (by a sentence, if it is no question).
pub const WHOLE: &[Phrase] = &[
    Phrase { says: "alto", written: &["^ alto|altoo|altos $", "^ alto alto $"] },
    Phrase { says: "parar", written: &["^ para|parar|paren|pare|parada|paro $"] },
    Phrase { says: "n\u{fa}mero equivocado", written: &["^ equivocad* $"] },
    Phrase { says: "dar de baja", written: &["^ baja|bajas|darse $"] },
    Phrase {
        says: "cancelar",
        written: &[
            "^ cancelar|cancela|cancele|cancelen|cancelado|cancelacion|cancelo|anular|anulen $",
            "^ termin*|finalizar|fin|acabar|acaben $",
        ],
    },
    Phrase {
        says: "no m\u{e1}s",
        written: &["^ nomas $", "^ no mas $", "^ ya no $", "^ suficiente $", "^ nunca mas $", "^ no molesten|molestar $"],
    },
    Phrase {
        says: "qu\u{ed}tenme",
        written: &[
            "^ salir|eliminar|elimina|borrar|borra|quitar|remover|salgo|fuera|desactivar|renunciar|detener|dejar|salirme|eliminado $",
        ],
    },
];

/// What excuses a strong word or a phrase that begins inside it.
pub const EXCUSES: &[Phrase] = &[
    Phrase {
        says: "pide seguir",
        written: &[
            "no|nunca|ni|jamas quiero|me|se|los|las|vayan|vaya? que|a|de? {parar|cancelar|quitar|quitenme} !de",
            "^ ..2 no|nunca {parar} de? {enviar}?",
            "no {parar} de {enviar}",
            "no dejen|deje|dejes|dejan ..1 de {enviar}",
            "no quiero ..2 perder*|perderme|parar|parar*|cancelar|dejar",
            "no quiero que ..3 paren|dejen|cancelen|quiten|terminen",
            "no me|lo|los|las? {quitar|cancelar|quiten|den|saquen|borren} ..2",
            "no {quitenme}",
            "no me den de baja",
            "sin parar",
        ],
    },
    Phrase {
        says: "un lugar o un adjetivo",
        written: &[
            "muy|mas|tan|bien|demasiado|lo|es|mide|piso|volumen|nivel|precio|hombre|edificio|el|un|costo|riesgo ..1 alto !a|ya",
            "planta|bateria|presion|calidad|temperatura|la|tension|marea|voz|temporada|cama muy|esta|? baja",
            "parada|paradas",
            "alto voltaje|riesgo|nivel|costo|rendimiento",
            "en|el|un|al|hay|senal de? alto",
            "baja de precio|precios|temperatura|peso",
            "me dieron|di|dieron de baja !de",
            "por que me dieron|dio|dan de baja",
            "el|un|me numero equivocado al|en|cuando",
        ],
    },
    Phrase {
        says: "del remitente",
        written: &[
            "voy|vamos|va|iba|tengo|tenemos|puedo|quiero|pienso|van ..2 parar|parar* a|en|por|al|para",
            "no puedo|podemos|podia|pude|paro ..1 {parar|dejar} de",
            "no paro|paramos|para de",
            "voy|vamos a parar",
            "que pare|paren de llover|nevar|ladrar",
            "cuando|hasta que pare de",
            "paren|pare|para en|aqui|por la|el|alla",
            "me|con eso|un|nos|ya? basta con|para|un|una",
            "basta con|que|decir un|una|el|la|decir|ver",
            "puse|puso|escribi|di|ingrese|meti|registre|teclee|anote|use|entre|agregue|tecle|puesto|escrito|pusimos|tecleado|mande|marque ..4 {numero} ..2 equivocad*|incorrect*|mal|erroneo",
            "me equivoque",
            "puse|di|escribi|ingrese mal",
            "mi abogado|abogada me|dice|dijo",
            "cancelar|cancele|cancela|cancelen|cancelo|cancelaron mi|la|el|una ..1 cita|vuelo|reserva|reservacion|pedido|orden|viaje|clase|reunion|tarjeta|compra",
        ],
    },
    Phrase {
        says: "los mensajes han cesado",
        written: &[
            "por que|k ya? no me|nos ..2",
            "por que dejaron|pararon|dejo|se",
            "ya no me|nos llegan|llega|mandan|envian|avisan|mandaron",
            "deje de recibir",
            "dejaron de",
        ],
    },
    Phrase {
        says: "lo que otros dicen",
        written: &[
            "no|nunca|jamas ..2 dije|escribi|mande|envie|puse|texte|dicho|escrito|mandado|pedi|quise ..3 stop|alto|parar|cancelar|baja|optout|decir|que",
            "mande|envie|escribi|puse|di ..2 stop|alto|parar|baja|cancelar ..2 error|equivocacion|accidente|querer",
            "por error|equivocacion|accidente ..3 stop|alto|parar|baja|cancelar|mande|envie|puse",
            "no paren|pare|pares",
            "no quise|queria|quiero ..3 stop|cancelar|parar",
            "no cancelar|cancelen|cancele",
        ],
    },
];

/// What asks for help.
pub const HELP: &[Phrase] = &[Phrase {
    says: "AYUDA",
    written: &[
        "^ porfavor|hola|si? una|mas|un|poco|de? ayuda|ayudas|ayuda* !a",
        "necesito|quiero|ocupo|necesitamos|requiero|pido|busco|dar|dan ..2 ayuda",
        "ayudenme|ayudeme|ayudame|ayudarme|ayudennos",
        "me|nos|alguien ..2 ayudar|ayudan|ayuda|ayude",
        "^ mas? informacion|asistencia|soporte porfavor? $",
        "quiero|necesito|mas ..1 informacion porfavor? $",
    ],
}];

/// What is no call for help although the word stands in it.
pub const NO_HELP: &[&str] = &["no|sin|gracias|mucha|su ..3 ayuda|ayudar|ayudaron", "gracias por ..3"];
